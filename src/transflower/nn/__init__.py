"""Generic networks: attention, positions, transformers, perceptrons, noise, flows."""
