"""When: the Prefect flows, thin, and the command line."""
