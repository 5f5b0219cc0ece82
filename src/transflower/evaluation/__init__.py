"""Evaluation: one file a metric. Plain arrays in, floats and small dataclasses out; no torch."""
