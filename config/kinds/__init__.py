"""One file a kind of source: its stream in a preset, its place in an office file."""
