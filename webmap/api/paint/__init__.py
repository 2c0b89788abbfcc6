"""What a page may paint over a revision in 3D: gaps, changes, findings, fall edges. One file per kind."""
