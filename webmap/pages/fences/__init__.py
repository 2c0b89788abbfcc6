"""The fence of a zone: its settings with what each means, who is inside now, and what happened last."""
