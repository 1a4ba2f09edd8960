"""A synthetic twin of a provincial petition register."""
