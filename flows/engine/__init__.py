"""The night's work without Prefect."""
