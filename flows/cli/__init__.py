"""The commands of `kntc`; each imports what it needs when it is called, so that
`kntc status` starts without Prefect and Great Expectations."""
