"""Legacy Vietnamese encodings: their tables, codecs, and the fonts that give them away."""
