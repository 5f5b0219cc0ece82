"""The sidecar of a clip: what its features are, before there are any."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from transflower.core.errors import DataError
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.columns import all_columns, named_columns
from transflower.features.motion.representation import REPRESENTATIONS
from transflower.features.sidecar import MotionSidecar
from transflower.formats.bvh import BvhLayout
from transflower.motion import anatomy
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.mirror import Symmetry, find_symmetry
from transflower.motion.root import moving_joints, root_chain, root_in_world, settle_bones


def describe_motion(clip: Clip, representation: str, *, layout: BvhLayout | None = None) -> MotionSidecar:
    """What the features of ``clip``, and of others on its skeleton, are; ``layout`` is kept for writing files."""
    settled = settle_bones(clip)
    sidecar = MotionSidecar(
        fps=clip.fps,
        names=(),
        representation=representation,
        skeleton=settled.skeleton,
        root=root_chain(settled),
        forward=_facing_axis(clip),
        symmetry=_symmetry(settled),
        layout=layout,
    )
    sidecar = with_moving(sidecar, moving_joints(clip))
    # Without it, a joint that is usually half a turn away from its rest would be written in two ways, by chance.
    mean = encode_motion(clip, sidecar).mean(axis=0).tolist()
    return replace(sidecar, typical=dict(zip(sidecar.names, mean, strict=True)))


def with_moving(sidecar: MotionSidecar, moving: Collection[int]) -> MotionSidecar:
    """The sidecar with all columns, position columns for joints of ``moving`` and for their mirror images."""
    partners = sidecar.symmetry.partners if sidecar.symmetry else range(sidecar.skeleton.num_joints)
    both = {*moving, *(partners[joint] for joint in moving)}
    suffixes = REPRESENTATIONS[sidecar.representation].suffixes
    return replace(sidecar, names=all_columns(sidecar.skeleton, suffixes, both).names)


def with_partner(sidecar: MotionSidecar) -> MotionSidecar:
    """The sidecar of the same columns, but for a root that is seen from a partner."""
    suffixes = REPRESENTATIONS[sidecar.representation].suffixes
    moving = named_columns(sidecar.skeleton, suffixes, sidecar.names).moving
    names = all_columns(sidecar.skeleton, suffixes, moving, root_frame="partner").names
    typical = {name: value for name, value in sidecar.typical.items() if name in names}
    return replace(sidecar, names=names, typical=typical, root_frame="partner")


def _symmetry(clip: Clip) -> Symmetry | None:
    try:
        return find_symmetry(clip)
    except DataError:
        return None


def _facing_axis(clip: Clip) -> tuple[float, float, float]:
    """The axis of the motion root's own frame that points ahead of a body with legs, else +Z as is usual."""
    points = anatomy.points(clip)
    legs = {leg.side: leg for leg in anatomy.read_anatomy(clip.skeleton, np.median(points[..., 1], axis=0)).legs}
    if not {"left", "right"} <= legs.keys():
        return 0.0, 0.0, 1.0
    to_left = points[:, legs["left"].ball] - points[:, legs["right"].ball]
    ahead = np.cross(to_left, (0, 1, 0))
    _, rotations = root_in_world(clip)
    mean = rot.rotate(rot.inverse(rotations), ahead).mean(axis=0)
    nearest = int(np.argmax(np.abs(mean)))
    sign = -1.0 if mean[nearest] < 0 else 1.0
    x, y, z = (sign if axis == nearest else 0.0 for axis in range(3))
    return x, y, z
