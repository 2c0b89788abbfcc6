"""`/setup/`: leads the owner of a fresh instance through the first site, its people, its model and a device."""
