"""What a revision changed, and the anchors that wait for a person."""
