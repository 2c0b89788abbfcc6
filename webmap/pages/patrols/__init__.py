"""`/sites/CODE/risks/patrols/`: routes, what is due or missed, doing a patrol from a phone, records by place."""
