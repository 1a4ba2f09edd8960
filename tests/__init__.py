"""Tests that try to break the promises."""
