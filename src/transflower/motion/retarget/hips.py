"""Where the hips of another body belong.

Shape letters: T frames, J joints, L legs.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from transflower.motion import kinematics
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import SIDES
from transflower.motion.retarget.feet import flat_heights
from transflower.motion.retarget.rig import Rig

_LONGEST = 0.998
"""Share of its length to which a leg may stretch."""
_STEEP = (0.6, 0.8)
"""How far a leg reaches to the side, in its lengths, until hips are not lowered for it but follow it."""
_MOST = 0.1
"""Hips are lowered by so much at most, in lengths of a leg."""
_SMOOTH_SECONDS = 0.15


def place_hips(clip: Clip, world: kinematics.World, source: Rig, target: Rig) -> Clip:
    """``clip`` of ``target`` with the middle between its hip joints where that of ``source`` is, in proportion.

    Args:
        clip: what is changed.
        world: where the joints of ``source`` are.
        source: the skeleton that moves.
        target: the skeleton of ``clip``.
    """
    scale = target.leg_length / source.leg_length
    ours, theirs = flat_heights(source, target, scale)
    middle = scale * (_hip_joints(source, world[0]).mean(axis=1) - [0, ours[0], 0]) + [0, theirs[0], 0]
    moved = kinematics.forward(clip)
    return _shifted(clip, target, moved, middle - _hip_joints(target, moved[0]).mean(axis=1))


def hips_within_reach(clip: Clip, target: Rig, ankles: Float[np.ndarray, "T L 3"]) -> Clip:
    """The clip with hips so low, or so far to a side, that its legs reach ``ankles``, smoothly."""
    world = kinematics.forward(clip)
    legs = ankles - _hip_joints(target, world[0])
    longest, margin = _LONGEST * target.leg_length, round(_SMOOTH_SECONDS * clip.fps)
    across = np.linalg.norm(legs[..., [0, 2]], axis=-1)
    lowered = -legs[..., 1] - np.sqrt(np.maximum(longest**2 - across**2, 0))
    lowered = np.clip(lowered, 0, _MOST * target.leg_length) * np.interp(across / longest, _STEEP, (1, 0))
    shift = -_smoothly_most(lowered.max(axis=1), margin)[:, None] * np.array([0.0, 1, 0])
    shift = shift + _pulled(legs - shift[:, None], longest, margin)
    return _shifted(clip, target, world, shift) if shift.any() else clip


def _pulled(legs: Float[np.ndarray, "T L 3"], longest: float, margin: int) -> Float[np.ndarray, "T 3"]:
    """The shift of the hips along legs that are still too short, as far as the other leg can follow."""
    lengths = np.linalg.norm(legs, axis=-1)
    short = np.stack([_smoothly_most(np.maximum(lengths[:, leg] - longest, 0), margin) for leg in range(2)], axis=1)
    spare = np.maximum(longest - lengths, 0)[:, ::-1]
    return np.sum((np.minimum(short, spare) / np.maximum(lengths, 1e-9))[..., None] * legs, axis=1)


def _smoothly_most(values: Float[np.ndarray, " T"], margin: int) -> Float[np.ndarray, " T"]:
    """The mean of the largest values around each, which is nowhere less than the value."""
    return _around(_around(values, margin).max(axis=1), margin).mean(axis=1)


def _around(values: Float[np.ndarray, " T"], margin: int) -> Float[np.ndarray, "T _"]:
    """The values up to ``margin`` frames before and after each; the first and the last stand for those beyond them."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, margin, mode="edge"), 2 * margin + 1)


def _hip_joints(rig: Rig, positions: Float[np.ndarray, "T J 3"]) -> Float[np.ndarray, "T L 3"]:
    return positions[:, [rig.humanoid.joints[f"{side}UpperLeg"] for side in SIDES]]


def _shifted(clip: Clip, rig: Rig, world: kinematics.World, shift: Float[np.ndarray, "T 3"]) -> Clip:
    """The clip moved through the world."""
    above = rig.skeleton.parents[rig.mover]
    if above >= 0:
        shift = rot.rotate(rot.inverse(world[1][:, above]), shift)
    return replace(clip, translations={**clip.translations, rig.mover: clip.translations[rig.mover] + shift})
