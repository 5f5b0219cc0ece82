"""Faults of recordings that likelihood finds: planted, scored, and told by areas under ROC curves."""
