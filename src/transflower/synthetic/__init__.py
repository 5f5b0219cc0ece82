"""Songs and dancers that we synthesise: data with a known distribution, for the demo and for exact checks."""
