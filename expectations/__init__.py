"""Policy: what a record must be. Imports nothing of ours."""
