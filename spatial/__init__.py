"""WHAT is where, how dangerous it is, and what was done about it. Imports none of our other packages."""
