"""How a Twinwall runs: packages, private services, supervision, backup. Standard library only."""
