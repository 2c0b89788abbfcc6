"""Checks of a revision by IDS: documents, runs, and what each of them found."""
