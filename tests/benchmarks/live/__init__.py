"""`./twin bench live`: positions from the wire to the alarm, each part against a peer in the same run."""
