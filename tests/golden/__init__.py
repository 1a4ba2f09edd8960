"""Golden samples: synthetic registers, and what normalise must make of them."""
