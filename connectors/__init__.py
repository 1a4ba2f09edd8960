"""Mechanism: everything that touches the outside world."""
