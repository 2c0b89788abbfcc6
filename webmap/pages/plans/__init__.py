"""`/sites/CODE/plans/`: plans of a site over time, pictures and drawings; placed, compared, and shown on the map."""
