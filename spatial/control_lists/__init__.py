"""Graded control lists: what a site works with, how dangerous each is, who controls it; reviewed and published."""
