"""Where the joints are: from local rotations and translations to the world, and back.

Shape letters: T frames, J joints, S end sites.
"""

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

World = tuple[Float[np.ndarray, "T J 3"], Float[np.ndarray, "T J 4"]]
"""Positions in metres and rotations (quaternions wxyz) of every joint in world space."""


def forward(clip: Clip) -> World:
    """Positions in metres and rotations (quaternions wxyz) of every joint in world space.

    Example:
        >>> from transflower.motion.skeleton import Skeleton
        >>> offsets = np.array([[0.0, 0, 0], [0.1, 0, 0], [-0.1, 0, 0]])
        >>> skeleton = Skeleton(names=("Hips", "LeftLeg", "RightLeg"), parents=(-1, 0, 0), offsets=offsets)
        >>> clip = Clip(skeleton, 30.0, np.tile([1.0, 0, 0, 0], (1, 3, 1)), {0: np.array([[0.0, 1, 0]])})
        >>> positions, rotations = forward(clip)
        >>> positions[0].tolist()
        [[0.0, 1.0, 0.0], [0.1, 1.0, 0.0], [-0.1, 1.0, 0.0]]
    """
    local = np.tile(np.asarray(clip.skeleton.offsets, float), (clip.num_frames, 1, 1))
    for joint, track in clip.translations.items():
        local[:, joint] = track
    positions, rotations = local.copy(), clip.rotations.copy()
    for joints, parents in clip.skeleton.levels:
        positions[:, joints] = positions[:, parents] + rot.rotate(rotations[:, parents], local[:, joints])
        rotations[:, joints] = rot.multiply(rotations[:, parents], clip.rotations[:, joints])
    return positions, rotations


def tip_positions(clip: Clip) -> Float[np.ndarray, "T S 3"]:
    """World positions of the end sites, in the order of ``clip.skeleton.end_sites``."""
    positions, rotations = forward(clip)
    tips = np.empty((clip.num_frames, len(clip.skeleton.end_sites), 3))
    for index, (joint, offset) in enumerate(clip.skeleton.end_sites.items()):
        tips[:, index] = positions[:, joint] + rot.rotate(rotations[:, joint], np.array(offset))
    return tips


def rest_positions(skeleton: Skeleton) -> Float[np.ndarray, "J 3"]:
    """World positions of the joints when nothing is turned and the root stands at its offset."""
    positions = np.array(skeleton.offsets, float)
    for joint, parent in enumerate(skeleton.parents[1:], start=1):
        positions[joint] += positions[parent]
    return positions


def relative(
    parent_positions: Float[np.ndarray, "*#B 3"],
    parent_rotations: Float[np.ndarray, "*#B 4"],
    positions: Float[np.ndarray, "*#B 3"],
    rotations: Float[np.ndarray, "*#B 4"],
) -> tuple[Float[np.ndarray, "*B 3"], Float[np.ndarray, "*B 4"]]:
    """World poses as translations and rotations relative to their parents' world poses."""
    undo = rot.inverse(parent_rotations)
    return rot.rotate(undo, positions - parent_positions), rot.multiply(undo, rotations)
