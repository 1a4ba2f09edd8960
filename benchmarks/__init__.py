"""Benchmarks: the whole path beside a bare reference, and pictures of the UI."""
