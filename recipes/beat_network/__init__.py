"""Trains the network of beat activations that the package ships."""
