"""How well beats are found and danced to, on songs whose beats are known: ``python -m benchmarks.beats``."""
