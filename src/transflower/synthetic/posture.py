"""Posture: what a body does in every move.

It settles over the standing leg, counters the hips with the chest, lets the free heel go, keeps the head level and
lets the arms float when it drops. Shape letters: T frames, C controls.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from transflower.synthetic.controls import INDEX
from transflower.synthetic.footwork import FootTrack
from transflower.synthetic.moves.move import Foot
from transflower.synthetic.style import Dancer, MotionStyle

_SIGN: dict[Foot, float] = {"l": 1.0, "r": -1.0}
_GRAVITY = 9.81


def add_posture(
    controls: Float[np.ndarray, "T C"],
    *,
    weight: Float[np.ndarray, "T"],
    heading: Float[np.ndarray, "T"],
    feet: dict[Foot, FootTrack],
    style: MotionStyle,
    dancer: Dancer,
    fps: float,
) -> None:
    """Add to the controls, in place, what follows from weight, feet and heading."""
    _settle_over_weight(controls, weight, style.hips * dancer.hips)
    _turn_hips_with_feet(controls, heading, feet, fps)
    _release_free_heels(controls, weight, heading, feet, fps)
    controls[:, INDEX["chest_pitch"]] += style.lean + dancer.lean
    controls[:, INDEX["rise"]] -= style.crouch + dancer.crouch
    _hold_head(controls)
    _throw_arms(controls, heading, fps)


def _settle_over_weight(controls: Float[np.ndarray, "T C"], weight: Float[np.ndarray, "T"], amount: float) -> None:
    """Contrapposto: the hip over the standing leg is the higher one and juts out, the shoulders tilt against it."""
    controls[:, INDEX["hip_roll"]] += 4.5 * amount * weight
    controls[:, INDEX["sway"]] += 0.012 * amount * weight
    controls[:, INDEX["chest_roll"]] -= 7.0 * amount * weight
    controls[:, INDEX["rise"]] -= 0.008 * np.abs(weight)


def _turn_hips_with_feet(
    controls: Float[np.ndarray, "T C"], heading: Float[np.ndarray, "T"], feet: dict[Foot, FootTrack], fps: float
) -> None:
    """The hips follow the foot that is in front; the chest stays behind, or rather turns against them."""
    line = _in_body_frame(feet["l"].ball - feet["r"].ball, heading)
    turned = -np.degrees(np.arctan2(line[:, 1], np.maximum(line[:, 0], 0.12)))
    turned = gaussian_filter1d(np.clip(turned, -60, 60), 0.06 * fps, mode="nearest")
    controls[:, INDEX["hip_yaw"]] += 0.28 * turned
    controls[:, INDEX["chest_yaw"]] -= 0.45 * turned


def _release_free_heels(
    controls: Float[np.ndarray, "T C"],
    weight: Float[np.ndarray, "T"],
    heading: Float[np.ndarray, "T"],
    feet: dict[Foot, FootTrack],
    fps: float,
) -> None:
    """Without weight the knee softens and the heel comes up, and more so behind the body."""
    between = 0.5 * (feet["l"].ball + feet["r"].ball)
    for foot, sign in _SIGN.items():
        free = np.clip(0.5 - 0.75 * sign * weight, 0, 1) ** 2
        behind = -_in_body_frame(feet[foot].ball - between, heading)[:, 1]
        stands_flat = feet[foot].pitch > -0.05
        heel = free * (9 + 130 * np.clip(behind - 0.03, 0, 0.2)) * stands_flat
        controls[:, INDEX[f"heel_{foot}"]] += gaussian_filter1d(heel, 0.07 * fps, mode="nearest")
        controls[:, INDEX[f"knee_{foot}"]] += 4 - 5 * free


def _hold_head(controls: Float[np.ndarray, "T C"]) -> None:
    """The head compensates most of the rotation of hips and spine, so that it stays level and faces the front."""
    for axis, share in (("yaw", 0.6), ("pitch", 0.7), ("roll", 0.75)):
        trunk = controls[:, INDEX[f"hip_{axis}"]] + controls[:, INDEX[f"chest_{axis}"]]
        controls[:, INDEX[f"head_{axis}"]] -= share * trunk


def _throw_arms(controls: Float[np.ndarray, "T C"], heading: Float[np.ndarray, "T"], fps: float) -> None:
    """Arms stay behind: they float out when the body drops or spins, and trail when the chest turns."""
    rise = gaussian_filter1d(controls[:, INDEX["rise"]], 0.05 * fps, mode="nearest")
    drop = -np.gradient(np.gradient(rise)) * fps**2 / _GRAVITY
    yaw = heading + np.radians(controls[:, INDEX["hip_yaw"]] + controls[:, INDEX["chest_yaw"]])
    spin = np.gradient(gaussian_filter1d(yaw, 0.06 * fps, mode="nearest")) * fps
    for foot, sign in _SIGN.items():
        controls[:, INDEX[f"arm_z_{foot}"]] += 7 * drop + 1.2 * np.minimum(spin**2, 30)
        controls[:, INDEX[f"arm_y_{foot}"]] -= sign * np.clip(2.2 * spin, -14, 14)
        controls[:, INDEX[f"elbow_{foot}"]] += 5 * drop


def _in_body_frame(vectors: Float[np.ndarray, "T 3"], heading: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T 2"]:
    """Left and forward parts of vectors on the floor."""
    cosine, sine = np.cos(heading), np.sin(heading)
    x, z = vectors[:, 0], vectors[:, 2]
    return np.stack([cosine * x - sine * z, sine * x + cosine * z], axis=-1)
