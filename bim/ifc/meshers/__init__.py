"""The mesher port: two engines, the rules that say which element goes to which, and the keys of shapes."""
