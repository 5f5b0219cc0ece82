"""Recordings <-> feature arrays: motion representations, audio features, the sidecars that say how to invert them."""
