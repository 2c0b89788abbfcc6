"""Public risk points of the regions that the user regulates: list, counts, adding on the map, import."""
