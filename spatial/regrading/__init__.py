"""What another edition of the rules would make of the risk points that are there. Reads only."""
