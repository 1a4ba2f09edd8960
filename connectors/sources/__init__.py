"""One file a kind of source; the registry holds one line a kind."""
