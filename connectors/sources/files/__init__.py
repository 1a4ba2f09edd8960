"""Registers in a drop folder: which files, and what they hold."""
