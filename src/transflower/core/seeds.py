"""Seeds that follow from one number and a place, so that streams of randomness never depend on each other."""

import hashlib

import numpy as np


def derive_seed(seed: int, *keys: int | str) -> int:
    """A 63-bit seed for the place that ``keys`` name, e.g. ``derive_seed(0, "epoch", 3)``."""
    text = "/".join([str(seed), *map(str, keys)])
    # Names of files may hold what is no text: Python hands it over as lone surrogates.
    return int.from_bytes(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8], "little") >> 1


def generator(seed: int, *keys: int | str) -> np.random.Generator:
    """A numpy generator for the place that ``keys`` name."""
    return np.random.default_rng(derive_seed(seed, *keys))
