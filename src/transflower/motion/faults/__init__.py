"""Faults of recordings: a file for each kind, which finds it and, where that can be done, mends it."""
