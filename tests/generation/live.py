"""Music that comes in pieces, and a model that dances live."""

import numpy as np

from tests.models.factories import AUDIO, MEAN, MOTION, tiny_config, tiny_model, with_head
from transflower.generation import Session

FRAMES = 30


LOOKAHEAD = 2
"""Of the tiny causal model."""


SILENCE = {"audio": np.array([0.5, -0.5, 2.0], np.float32)}


MUSIC = np.random.default_rng(1).standard_normal((FRAMES, AUDIO)).astype(np.float32)


PROMPT = np.float32(MEAN + np.random.default_rng(2).standard_normal((9, MOTION)) * (MEAN != 7.0))


def live_model():
    return tiny_model(with_head(tiny_config("causal"), target="change", leak=0.1))


def cut(rows: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(rows, np.cumsum(sizes).clip(max=len(rows)))


def dance(session: Session, pieces: list[np.ndarray], *, name: str = "audio") -> np.ndarray:
    """All frames of a song that comes in pieces."""
    pulled = []
    for piece in pieces:
        session.push(name, piece)
        pulled.append(session.pull()["motion"])
    session.end()
    return np.concatenate([*pulled, session.pull()["motion"]], axis=1)
