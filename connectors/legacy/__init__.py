"""Legacy Vietnamese encodings: tables, codecs, the fonts that give them away."""
