"""Planting faults in motion.

Shape letters: T frames, J joints.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import ARM, SIDES
from transflower.motion.humanoid.find import find_bones

Plant = Callable[[Clip, slice, np.random.Generator], Clip]

_GLITCH_RADIANS = np.deg2rad((20.0, 60.0))
_SLIDE_SPEED = 0.4
"""Metres per second."""
_LIMBS = tuple(side + bone for side in SIDES for bone in ("UpperArm", "LowerArm", "UpperLeg", "LowerLeg"))


def flip(clip: Clip, frames: slice, rng: np.random.Generator) -> Clip:
    """An arm or a leg turns half around its own bone for some frames, as where a solver has changed its mind."""
    joint = _limb(clip, rng)
    axis = clip.skeleton.offsets[clip.skeleton.children[joint][0]]
    turn = rot.from_expmap(np.pi * axis / np.linalg.norm(axis))
    return _with(clip, frames, joint, rot.multiply(clip.rotations[frames, joint], turn))


def glitch(clip: Clip, frames: slice, rng: np.random.Generator) -> Clip:
    """A joint jumps by 20 to 60 degrees for a frame to three."""
    joint = _limb(clip, rng)
    axis = rng.standard_normal(3)
    turn = rot.from_expmap(rng.uniform(*_GLITCH_RADIANS) * axis / np.linalg.norm(axis))
    frames = slice(frames.start, frames.start + int(rng.integers(1, 4)))
    return _with(clip, frames, joint, rot.multiply(clip.rotations[frames, joint], turn))


def swap(clip: Clip, frames: slice, rng: np.random.Generator) -> Clip:
    """The channels of both arms are swapped."""
    joints = find_bones(clip.skeleton).joints
    pairs = [tuple(joints[side + bone] for side in SIDES) for bone in ARM if all(s + bone in joints for s in SIDES)]
    rotations = clip.rotations.copy()
    for left, right in pairs:
        rotations[frames, left], rotations[frames, right] = clip.rotations[frames, right], clip.rotations[frames, left]
    return replace(clip, rotations=rotations)


def freeze(clip: Clip, frames: slice, rng: np.random.Generator) -> Clip:
    """An arm stays as it is in the first of the frames, and then goes on where it should be."""
    joints = find_bones(clip.skeleton).joints
    side = SIDES[int(rng.integers(2))]
    rotations = clip.rotations.copy()
    for joint in [joints[side + bone] for bone in ARM if side + bone in joints]:
        rotations[frames, joint] = clip.rotations[frames.start, joint]
    return replace(clip, rotations=rotations)


def slide(clip: Clip, frames: slice, rng: np.random.Generator) -> Clip:
    """The whole body is pushed over the floor at 0.4 m/s, its feet with it, and stays there."""
    angle = rng.uniform(0, 2 * np.pi)
    count = frames.stop - frames.start
    way = np.clip(np.arange(clip.num_frames) - frames.start, 0, count) * _SLIDE_SPEED / clip.fps
    moved = clip.translations[0] + way[:, None] * np.array([np.cos(angle), 0, np.sin(angle)])
    return replace(clip, translations={**clip.translations, 0: moved})


FAULTS: dict[str, tuple[Plant, float]] = {
    "flip of a joint": (flip, 0.2),
    "glitch of 1 to 3 frames": (glitch, 0.1),
    "arms swapped": (swap, 1.0),
    "frozen arm": (freeze, 1.0),
    "foot slide": (slide, 1.0),
}
"""What is planted, and for how many seconds."""


def plant_all(clip: Clip, plant: Plant, seconds: float, starts: Sequence[int], rng: np.random.Generator) -> Clip:
    """The fault at all places."""
    for start in starts:
        clip = plant(clip, slice(start, start + round(seconds * clip.fps)), rng)
    return clip


def _limb(clip: Clip, rng: np.random.Generator) -> int:
    joints = find_bones(clip.skeleton).joints
    return joints[_LIMBS[int(rng.integers(len(_LIMBS)))]]


def _with(clip: Clip, frames: slice, joint: int, rotations: np.ndarray) -> Clip:
    changed = clip.rotations.copy()
    changed[frames, joint] = rotations
    return replace(clip, rotations=changed)
