"""Long proofs on a whole second Twinwall, run with `./twin prove NAME`; they are not part of `./twin test`."""
