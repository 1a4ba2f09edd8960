"""The sample estate: six provincial systems on this machine."""
