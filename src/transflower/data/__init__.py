"""Recordings on disk and the windows that models are trained on."""
