"""Songs and dancers that we synthesise: data with a known law, for the demo and for exact checks."""
