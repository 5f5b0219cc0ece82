"""Music for models that copy, and what is read of their dances."""

import numpy as np

from tests.generation.factories import copy_model
from tests.models.factories import AUDIO
from transflower.models import InputConfig, OutputConfig

MUSIC = np.arange(100, 140, dtype=np.float32)[:, None]


SILENCE = {"audio": np.array([-7.0], np.float32)}


def column(rows: np.ndarray) -> list[float]:
    return rows[..., 0].tolist()


def music_at(frame: int) -> float:
    return float(MUSIC[frame, 0]) if 0 <= frame < len(MUSIC) else -7.0


# What is drawn


def counting_model(**options):
    """Each frame is the last one and the music of its moment together."""
    return copy_model(
        {"audio": InputConfig(), "motion": InputConfig(length=4, offset=-4)},
        {"motion": OutputConfig(length=2)},
        rows={"audio": 0},
        is_change=True,
        **options,
    )


# Real models


def real_inputs(num_frames: int = 12) -> dict[str, np.ndarray]:
    return {"audio": np.random.default_rng(1).standard_normal((num_frames, AUDIO)).astype(np.float32)}
