"""The `/api/v1` API: one router per subject, every row through `visible_to(user)`."""
