"""Calibration: whether what a model says of the next frame, and of the next seconds, is as likely as it says."""
