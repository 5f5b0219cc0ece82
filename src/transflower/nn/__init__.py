"""Blocks of networks that know nothing of dance: attention, positions, transformers, perceptrons, noise, flows."""
