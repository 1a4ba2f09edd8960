"""A sample file into a proposed preset; a person decides."""
