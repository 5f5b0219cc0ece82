"""Synthetic songs and dances, and their features, by the same steps that a user's own recordings take."""

import logging
from pathlib import Path

import numpy as np

from transflower.core.files import atomic_folder, write_array
from transflower.data.moves_extraction import MovesExtraction, extract_moves
from transflower.data.splits import SplitConfig, split_folder
from transflower.data.store import Store
from transflower.features.extraction.audio import extract_audio
from transflower.features.extraction.motion import extract_motion
from transflower.features.extraction.options import AudioExtraction, MotionExtraction
from transflower.features.sidecar import AudioSidecar, MovesSidecar, read_sidecar, write_sidecar
from transflower.synthetic.curves import Number
from transflower.synthetic.dance_hands import turn_hands
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.hearing import hand_agreement
from transflower.synthetic.recording import ground_truth_path, write_recordings

log = logging.getLogger(__name__)

LEAST_AGREEMENT = 0.7
"""Of the hand of the features and the dance, in a recording to learn from."""
CAUSAL = "audio_causal"
"""Name of the features whose beats are read as sound arrives."""


def write_features(
    recordings: Path, features: Path, *, songs: int, seconds: Number, seed: int, noisy_share: float = 0.0
) -> None:
    """Make both folders: recordings with their ground truth, and features in the splits train, val and test."""
    with atomic_folder(recordings) as folder:
        write_recordings(folder, songs=songs, seconds=seconds, seed=seed, jobs=-1, noisy_share=noisy_share)
    extract_features(recordings, features, seed=seed)


def extract_features(
    recordings: Path,
    features: Path,
    *,
    seed: int,
    jobs: int = -1,
    with_causal: bool = False,
    moves: MovesSidecar | None = None,
) -> None:
    """Make the folder of the features of recordings, in the splits train, val and test.

    ``with_causal`` adds the feature ``audio_causal``, in which beats are read as sound arrives. Where the hand of the
    features is up between the beats that are danced, it is turned, but not in songs of four styles; recordings in
    which it does not agree with the dance even so are left out. ``moves`` are kinds that a model has learnt; without
    them they are found anew.
    """
    with atomic_folder(features) as folder:
        extract_motion([recordings], folder, MotionExtraction(jobs=jobs))
        extract_audio([recordings], folder, AudioExtraction(jobs=jobs))
        if with_causal:
            extract_audio([recordings], folder, AudioExtraction(name=CAUSAL, reading="causal", jobs=jobs))
            _turn_hands(recordings, folder, CAUSAL)
        _turn_hands(recordings, folder, "audio")
        split_folder(SplitConfig(folder=folder, seed=seed))
        if moves is not None:
            write_sidecar(folder / "moves.json", moves)
        extract_moves(MovesExtraction(folder=folder))


def _turn_hands(recordings: Path, folder: Path, feature: str) -> None:
    """In songs of many genres and given ones: of fast ones every second beat is danced, and nothing says which."""
    sidecar = read_sidecar(folder / f"{feature}.json")
    assert isinstance(sidecar, AudioSidecar)
    for name in Store(folder).contents()[feature]:
        truth = GroundTruth.read(ground_truth_path(recordings, name))
        if truth.genre:
            path, beats = folder / f"{name}.{feature}.npy", np.array(truth.beats)
            rows = turn_hands(np.load(path), sidecar.names, beats, sidecar.fps)
            agreement = hand_agreement(rows, sidecar.names, beats, sidecar.fps)
            if agreement >= LEAST_AGREEMENT:
                write_array(path, rows)
                continue
            log.info("%s is left out: its beats and those of %s agree by %.2f", name, feature, agreement)
            for array in folder.glob(f"{name}.*.npy"):
                array.unlink()
