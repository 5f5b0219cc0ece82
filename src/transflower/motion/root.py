"""The motion root: the one joint that carries a body through the world.

It is the topmost joint with several children. Exporters put joints above it, some still, some moving (``joint_Root``
over ``Hips``): whatever those do is part of the motion root's movement in the world.

Shape letters: T frames, A joints above the motion root, from the top down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.kinematics import relative
from transflower.motion.skeleton import Skeleton

_STILL_METRES = 1e-4
_STILL_RADIANS = 1e-4


def find_motion_root(skeleton: Skeleton) -> int:
    """The topmost joint with several children; the root of a skeleton that never branches."""
    for joint, children in enumerate(skeleton.children):
        if len(children) > 1:
            return joint
    return 0


def is_still(clip: Clip, joint: int) -> bool:
    """Whether a joint keeps its rotation and translation, relative to its parent, within 0.1 mm and 1e-4 radians."""
    turned = rot.angle_between(clip.rotations[:1, joint], clip.rotations[:, joint]).max()
    return bool(turned < _STILL_RADIANS) and not _moves(clip, joint)


def moving_joints(clip: Clip) -> list[int]:
    """Joints below the motion root whose distance vector from their parent changes by more than 0.1 mm.

    Tracks of other joints are constant: their bones are rigid.
    """
    root = find_motion_root(clip.skeleton)
    return [joint for joint in sorted(clip.translations) if joint > root and _moves(clip, joint)]


def settle_bones(clip: Clip) -> Clip:
    """The same clip without the translation tracks of rigid bones, whose offsets take the tracks' first row.

    For files that repeat (or contradict) every OFFSET in position channels. The root's track stays, as do those of
    joints that move; joints above the motion root are not touched (see ``fold_root``).
    """
    root = find_motion_root(clip.skeleton)
    keep = {joint for joint in clip.translations if joint <= root} | set(moving_joints(clip))
    offsets = np.array(clip.skeleton.offsets, float)
    for joint in clip.translations.keys() - keep:
        offsets[joint] = clip.translations[joint][0]
    tracks = {joint: track for joint, track in clip.translations.items() if joint in keep}
    return replace(clip, skeleton=replace(clip.skeleton, offsets=offsets), translations=tracks)


@dataclass(frozen=True, eq=False)
class RootChain:
    """The motion root, and the constant transforms that joints above it have once their movement is folded into it."""

    joint: int
    """Index of the motion root; the joints above it are 0 ... joint - 1."""
    rotations: Float[np.ndarray, "A 4"]
    """Local rotations of the joints above."""
    translations: Float[np.ndarray, "A 3"]
    """Local translations of the joints above."""

    def to_local(
        self, positions: Float[np.ndarray, "T 3"], rotations: Float[np.ndarray, "T 4"]
    ) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, "T 4"]]:
        """World poses of the motion root, relative to its parent."""
        above = np.zeros(3), np.array(rot.IDENTITY)
        for translation, rotation in zip(self.translations, self.rotations, strict=True):
            above = above[0] + rot.rotate(above[1], translation), rot.multiply(above[1], rotation)
        return relative(*above, positions, rotations)

    def apply(self, clip: Clip, positions: Float[np.ndarray, "T 3"], rotations: Float[np.ndarray, "T 4"]) -> Clip:
        """``clip`` with its motion root at the given world poses and everything above it still."""
        local_positions, local_rotations = self.to_local(positions, rotations)
        all_rotations, tracks = np.array(clip.rotations), dict(clip.translations)
        all_rotations[:, : self.joint] = self.rotations
        all_rotations[:, self.joint] = local_rotations
        for joint, translation in enumerate(self.translations):
            tracks[joint] = np.tile(translation, (clip.num_frames, 1))
        tracks[self.joint] = local_positions
        return replace(clip, rotations=all_rotations, translations=tracks)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``from_dict`` is the inverse."""
        return {"joint": self.joint, "rotations": self.rotations.tolist(), "translations": self.translations.tolist()}

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> "RootChain":
        """Inverse of ``to_dict``."""
        rotations = np.asarray(tree["rotations"], float).reshape(-1, 4)
        return cls(int(tree["joint"]), rotations, np.asarray(tree["translations"], float).reshape(-1, 3))


def root_chain(clip: Clip) -> RootChain:
    """The motion root of a clip. Still joints above it keep their transform, moving ones go to their rest pose."""
    joint = find_motion_root(clip.skeleton)
    rotations, translations = rot.identity(joint), np.array(clip.skeleton.offsets[:joint], float)
    for above in range(joint):
        if is_still(clip, above):
            rotations[above] = clip.rotations[0, above]
            translations[above] = clip.translations.get(above, clip.skeleton.offsets[above : above + 1])[0]
    return RootChain(joint, rotations, translations)


def root_in_world(clip: Clip) -> tuple[Float[np.ndarray, "T 3"], Float[np.ndarray, "T 4"]]:
    """World positions and rotations of the motion root, everything above it folded in."""
    positions, rotations = clip.translations[0], clip.rotations[:, 0]
    for joint in range(1, find_motion_root(clip.skeleton) + 1):
        local = clip.translations.get(joint, clip.skeleton.offsets[joint])
        positions = positions + rot.rotate(rotations, local)
        rotations = rot.multiply(rotations, clip.rotations[:, joint])
    return positions, rotations


def fold_root(clip: Clip) -> Clip:
    """The same movement of the body with everything above the motion root still; its own track holds the world's."""
    if find_motion_root(clip.skeleton) == 0:
        return clip
    return root_chain(clip).apply(clip, *root_in_world(clip))


def _moves(clip: Clip, joint: int) -> bool:
    track = clip.translations.get(joint)
    return track is not None and bool(np.abs(track - track[0]).max() > _STILL_METRES)
