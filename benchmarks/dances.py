"""Synthetic songs and dances as features, made once and kept in the folder for temporary files."""

import tempfile
from pathlib import Path

from joblib import cpu_count

from transflower.core.files import atomic_folder
from transflower.data.splits import SplitConfig, split_folder
from transflower.data.synthetic.dataset import write_dataset
from transflower.features.extraction import AudioExtraction, MotionExtraction, extract_audio, extract_motion


def make_dances(*, songs: int, seconds: float = 40.0, seed: int = 0) -> Path:
    """A folder of features in the splits train, val and test."""
    features = Path(tempfile.gettempdir(), f"transflower-benchmarks-{songs}x{seconds:g}-{seed}")
    if features.exists():
        return features
    with tempfile.TemporaryDirectory() as recordings, atomic_folder(features) as folder:
        write_dataset(recordings, songs=songs, seconds=seconds, seed=seed, jobs=cpu_count())
        extract_motion([Path(recordings)], folder, MotionExtraction())
        extract_audio([Path(recordings)], folder, AudioExtraction())
        split_folder(SplitConfig(folder=folder, seed=seed))
    return features
