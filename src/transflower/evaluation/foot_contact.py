"""Physical foot contact (PFC): whether a body is pushed along while no foot stands.

Shape letters: T frames, S steps.
"""

import numpy as np
from jaxtyping import Float

from transflower.evaluation.kinetic_features import FEWEST_FRAMES, at_rate

FPS = 30.0
"""Frames per second of the published metric."""
_WINDOW = 150
"""Frames of the sequences that it was published for."""
_SCALE = 10_000


def physical_foot_contact(hips: Float[np.ndarray, "T 3"], feet: Float[np.ndarray, "T 2 2 3"], fps: float) -> float:
    """The mean over windows of five seconds, or of a sequence that is shorter; NaN of fewer than three frames.

    Args:
        hips: where the root is.
        feet: where ankle and toes of each foot are.
        fps: frames per second.
    """
    points = at_rate(np.concatenate([hips[:, None], feet.reshape(len(feet), 4, 3)], axis=1), fps, FPS)
    starts = range(0, max(len(points) - _WINDOW, 0) + 1, _WINDOW)
    windows = [points[start : start + _WINDOW] for start in starts]
    return float(np.mean([_of_window(window) for window in windows]))


def _of_window(points: Float[np.ndarray, "T 5 3"]) -> float:
    if len(points) < FEWEST_FRAMES:
        return float("nan")
    push = np.diff(points[:, 0], n=2, axis=0) * FPS**2
    push[:, 1] = push[:, 1].clip(min=0)
    norm = np.linalg.norm(push, axis=1)
    most = norm.max()
    if most == 0:
        return 0.0
    # As published, in metres a frame, of the step after the one at which the acceleration starts.
    slides = np.linalg.norm(np.diff(points[1:, 1:], axis=0)[..., [0, 2]], axis=-1).reshape(-1, 2, 2).min(axis=2)
    return float(_SCALE * np.mean(norm / most * slides.prod(axis=1)))
