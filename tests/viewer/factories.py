"""Dances and songs that tell the time: a dancer who walks evenly, and a tone that rises evenly."""

import numpy as np

from tests.render.factories import HIPS_HEIGHT, make_body
from transflower.audio.audio import Audio
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.viewer import ShownDance

FPS = 30.0
METRES_PER_SECOND = 0.1
LOWEST, HERTZ_PER_SECOND = 400.0, 20.0
SOUND_RATE = 48000


def make_dance(name: str = "Ada", *, seconds: float = 8.0, x: float = 0.0, likelihood: bool = False) -> ShownDance:
    """A dancer who goes to the left at an even pace and swings an arm once a second."""
    skeleton, num_frames = make_body(), round(seconds * FPS)
    times = np.arange(num_frames) / FPS
    rotations = np.tile([1.0, 0, 0, 0], (num_frames, skeleton.num_joints, 1))
    swing = np.zeros((num_frames, 3))
    swing[:, 2] = 0.6 * np.sin(2 * np.pi * times)
    rotations[:, skeleton.index("LeftArm")] = rot.from_expmap(swing)
    root = np.stack([x + METRES_PER_SECOND * times, np.full(num_frames, HIPS_HEIGHT), np.zeros(num_frames)], axis=1)
    values = np.sin(times) if likelihood else None
    return ShownDance(name=name, clip=Clip(skeleton, FPS, rotations, {0: root}), log_likelihood=values)


def make_rising_tone(*, seconds: float = 8.0) -> Audio:
    """A tone of ``LOWEST + HERTZ_PER_SECOND * t`` hertz at second t."""
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    phase = 2 * np.pi * (LOWEST * times + HERTZ_PER_SECOND / 2 * times**2)
    return Audio(np.tile(0.4 * np.sin(phase), (2, 1)).T.astype(np.float32), SOUND_RATE)
