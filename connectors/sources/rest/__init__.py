"""JSON APIs over HTTP: letting in, paging, answers."""
