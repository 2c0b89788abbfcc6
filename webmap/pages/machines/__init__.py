"""`/sites/CODE/live/machines/`: the register of machines, each with its poses, loads, papers and records, and the plan
of several cranes."""
