"""`/places/`: the tree from province to space, looked through, imported from files and exported."""
