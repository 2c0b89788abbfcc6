"""Node programs that check and measure what Twinwall writes; `./twin test` installs them as their lock file says."""
