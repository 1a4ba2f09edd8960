"""A first look at a sample file: a grid of cells, however it is written."""
