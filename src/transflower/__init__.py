"""Probabilistic generation of continuous multimodal sequences: above all, dance from music."""
