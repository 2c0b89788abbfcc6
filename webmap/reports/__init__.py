"""Documents that leave the product: the shareable report."""
