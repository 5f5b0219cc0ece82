"""The mirror image of motion features, column by column.

Where the axes of every joint are mirrored as those of its parent, each column of the mirror image is a column of the
original, perhaps with another sign. So it is for skeletons whose joints are not turned at rest, such as the common one.

Shape letters: D columns.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from transflower.features.motion.columns import named_columns
from transflower.features.motion.representation import REPRESENTATIONS
from transflower.features.sidecar import MotionSidecar
from transflower.motion import rotations as rot
from transflower.motion.mirror import REFLECTIONS, Symmetry

_ALONG_X = 0
_OF_ROOT = {"dXposition": -1.0, "dZposition": 1.0, "dYrotation": -1.0, "Xfacing": -1.0, "Zfacing": 1.0}
"""Signs of the ways and the facing of the root."""
_HALF_TURNS = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]])
"""The rotation that is minus each reflection of ``REFLECTIONS``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MirroredColumns:
    """Column d of the mirror image is ``signs[d]`` times column ``order[d]``."""

    order: Int[np.ndarray, " D"]
    """Which column it is."""
    signs: Float[np.ndarray, " D"]
    """1 or -1."""


def mirrored_columns(sidecar: MotionSidecar) -> MirroredColumns | None:
    """The mirror image of features; None where it is not made of their columns."""
    symmetry, skeleton = sidecar.symmetry, sidecar.skeleton
    if symmetry is None or not _is_alike(symmetry, skeleton.parents) or sidecar.forward[0]:
        return None
    suffixes = REPRESENTATIONS[sidecar.representation].suffixes
    columns = named_columns(skeleton, suffixes, sidecar.names, root_frame=sidecar.root_frame)
    images: dict[str, tuple[str, float]] = {}
    signs = [_signs(sidecar.representation, reflection) for reflection in range(len(REFLECTIONS))]
    for joint in columns.joints:
        names = skeleton.names[joint], skeleton.names[symmetry.partners[joint]]
        for suffix, sign in zip(suffixes, signs[symmetry.reflections[joint]], strict=True):
            images[f"{names[0]}_{suffix}"] = f"{names[1]}_{suffix}", float(sign)
        for axis, sign in zip("XYZ", REFLECTIONS[symmetry.reflections[joint]], strict=True):
            images[f"{names[0]}_{axis}position"] = f"{names[1]}_{axis}position", float(sign)
    root = skeleton.names[columns.joints[-1]]
    for suffix, sign in _OF_ROOT.items():
        images[f"{root}_{suffix}"] = f"{root}_{suffix}", sign
    place = {name: index for index, name in enumerate(sidecar.names)}
    if any(images[name][0] not in place for name in sidecar.names):
        return None
    return MirroredColumns(
        order=np.array([place[images[name][0]] for name in sidecar.names]),
        signs=np.array([images[name][1] for name in sidecar.names]),
    )


def _is_alike(symmetry: Symmetry, parents: tuple[int, ...]) -> bool:
    """Whether the axes of every joint are mirrored as those of its parent, and those of the root along X."""
    return all(
        own == (_ALONG_X if parent < 0 else symmetry.reflections[parent])
        for own, parent in zip(symmetry.reflections, parents, strict=True)
    )


def _signs(representation: str, reflection: int) -> Float[np.ndarray, " K"]:
    """The signs of the columns of a joint in the mirror image, from a few rotations."""
    known = REPRESENTATIONS[representation]()
    rotations = rot.from_expmap(np.array([[0.3, 0.5, 0.7], [-0.2, 0.4, 0.6], [0.5, -0.3, 0.2]]))[:, None]
    turn = _HALF_TURNS[reflection]
    near = np.array([known.rest])
    images = rot.multiply(rot.multiply(rot.inverse(turn), rotations), turn)
    before, after = (known.encode(each, near)[:, 0] for each in (rotations, images))
    signs = np.sign(np.sum(before * after, axis=0))
    assert np.allclose(signs * before, after), f"{representation}: the mirror image is no change of signs"
    return np.asarray(signs)
