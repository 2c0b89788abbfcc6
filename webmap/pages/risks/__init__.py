"""Pages about the risks of a site: the register, and the graded control lists from draft to publication."""
