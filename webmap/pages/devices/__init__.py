"""The devices of a site: how they stand, what they are, how they speak, what of them was refused."""
