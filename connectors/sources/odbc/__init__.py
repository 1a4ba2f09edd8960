"""Databases over ODBC: one query a stream, in a process of its own."""
