"""Synthetic songs and dances as features, made once and kept in the folder for temporary files."""

import tempfile
from pathlib import Path

from transflower.synthetic.features import write_features


def make_dances(*, songs: int, seconds: float = 40.0, seed: int = 0) -> Path:
    """A folder of features in the splits train, val and test."""
    folder = Path(tempfile.gettempdir(), f"transflower-benchmarks-{songs}x{seconds:g}-{seed}")
    features = folder / "features"
    if not features.exists():
        write_features(folder / "recordings", features, songs=songs, seconds=seconds, seed=seed)
    return features
