"""JT/T 808: terminals on vehicles and machines speak to us over TCP."""
