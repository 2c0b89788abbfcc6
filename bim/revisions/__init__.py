"""What a new revision changed, and how everything anchored to elements follows them."""
