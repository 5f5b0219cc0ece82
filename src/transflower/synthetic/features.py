"""Synthetic songs and dances, and their features, by the same steps that a user's own recordings take."""

from pathlib import Path

from transflower.core.files import atomic_folder
from transflower.data.moves_extraction import MovesExtraction, extract_moves
from transflower.data.splits import SplitConfig, split_folder
from transflower.features.extraction.audio import extract_audio
from transflower.features.extraction.motion import extract_motion
from transflower.features.extraction.options import AudioExtraction, MotionExtraction
from transflower.synthetic.curves import Number
from transflower.synthetic.recording import write_recordings


def write_features(
    recordings: Path, features: Path, *, songs: int, seconds: Number, seed: int, noisy_share: float = 0.0
) -> None:
    """Make both folders: recordings with their ground truth, and features in the splits train, val and test."""
    with atomic_folder(recordings) as folder:
        write_recordings(folder, songs=songs, seconds=seconds, seed=seed, jobs=-1, noisy_share=noisy_share)
    with atomic_folder(features) as folder:
        extract_motion([recordings], folder, MotionExtraction())
        extract_audio([recordings], folder, AudioExtraction())
        split_folder(SplitConfig(folder=folder, seed=seed))
        extract_moves(MovesExtraction(folder=folder))
