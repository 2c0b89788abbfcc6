"""`/rules/`: rule packs and their editions, who follows which, and an organisation's own values."""
