"""The mirror image of a motion: left becomes right.

World space is reflected in the plane X = 0 and left joints change places with right ones. Each joint's own axes must
be reflected too, and which way depends on how the skeleton was built: most exporters point the axes of all joints the
same way (reflect along X), others roll each bone's axes along the bone, some turn those of the right side round.
``find_symmetry`` finds for every joint the reflection that gives the skeleton back, so that mirrored clips have the
same bones and look like the others to a model. Whatever it finds, world positions are reflected exactly.

Shape letters: T frames, J joints.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.skeleton import Skeleton

REFLECTIONS = np.array([[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]])
"""The reflections that a joint's axes may undergo, as factors of x, y and z: along one axis, or all of them."""

_TURNS = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]])
"""The rotation that is minus each reflection."""

_ALONG_X = 0
_NO_LENGTH = 1e-200
"""Squared lengths below it are none: they would underflow."""
_SAME_BONES = 0.1
"""Reflections whose squared misfit of the bones, relative to their squared lengths, differ by less are as good."""
_CLEARLY_ALIKE = 0.5
"""How much more alike (0 to 1) the movement must be for another reflection than the parent's to be taken."""

_OPPOSITE = {"left": "right", "right": "left", "l": "r", "r": "l"}

# Ordered from the most to the least certain; a rule counts only where the name that it gives is a joint's.
_SIDES = (
    re.compile(r"left|right", re.IGNORECASE),
    re.compile(r"(?<![a-z])[lr](?![a-z])", re.IGNORECASE),  # L_Arm, arm.l, Bip01 L Arm
    re.compile(r"(?<![A-Za-z])[lrLR](?=[A-Za-z])"),  # LArm, larm, rig:LArm
    re.compile(r"(?<=[a-z0-9])[LR](?![A-Za-z])"),  # ArmL, Arm2L
)


@dataclass(frozen=True, eq=False)
class Symmetry:
    """How a skeleton maps onto its mirror image.

    Example:
        >>> names, parents = ("Hips", "LeftLeg", "RightLeg"), (-1, 0, 0)
        >>> skeleton = Skeleton(names, parents, np.array([[0, 1, 0], [0.1, -1, 0], [-0.1, -1, 0]]))
        >>> Symmetry(partners=(0, 2, 1), reflections=(0, 0, 0)).fits(skeleton)
        True
        >>> Symmetry(partners=(0, 1), reflections=(0, 0)).fits(skeleton)
        False
    """

    partners: tuple[int, ...]
    """Each joint's counterpart on the other side; itself in the middle, or where there is none."""
    reflections: tuple[int, ...]
    """Index into ``REFLECTIONS`` for the axes of each joint; partners share one."""

    def fits(self, skeleton: Skeleton) -> bool:
        """Whether it can be that of ``skeleton``: it speaks of all its joints, and each is its partner's partner."""
        joints = range(skeleton.num_joints)
        return (
            len(self.partners) == len(self.reflections) == len(joints)
            and set(self.partners) == set(joints)
            and all(self.partners[partner] == joint for joint, partner in enumerate(self.partners))
            and all(0 <= reflection < len(REFLECTIONS) for reflection in self.reflections)
        )


def mirror(clip: Clip, symmetry: Symmetry | None = None) -> Clip:
    """The clip reflected in the plane X = 0; mirroring twice gives the clip back.

    Joints without a partner are reflected in place. Bones change sides too, so the skeleton of somebody with one
    longer leg is mirrored as well. ``symmetry`` is found from the clip; hand in one clip's for all of a skeleton's.

    Raises:
        DataError: two partners hang from joints that are no partners.

    Example:
        >>> import numpy as np
        >>> from transflower.motion.skeleton import Skeleton
        >>> offsets = np.array([[0.0, 0, 0], [0.1, 0, 0], [-0.1, 0, 0]])
        >>> skeleton = Skeleton(names=("Hips", "LeftLeg", "RightLeg"), parents=(-1, 0, 0), offsets=offsets)
        >>> clip = Clip(skeleton, 30.0, np.tile([1.0, 0, 0, 0], (1, 3, 1)), {0: np.array([[0.5, 1.0, 0]])})
        >>> mirror(clip).translations[0].tolist()
        [[-0.5, 1.0, 0.0]]
    """
    symmetry = symmetry or find_symmetry(clip)
    skeleton, partners = clip.skeleton, symmetry.partners
    own = np.array(symmetry.reflections)
    above = np.array([_ALONG_X if parent < 0 else own[parent] for parent in skeleton.parents])
    sites = {}
    for joint, partner in enumerate(partners):
        if partner in skeleton.end_sites:
            x, y, z = REFLECTIONS[own[joint]] * skeleton.end_sites[partner]
            sites[joint] = (float(x), float(y), float(z))
    offsets = REFLECTIONS[above] * skeleton.offsets[list(partners)]
    translations = {
        joint: REFLECTIONS[above[joint]] * clip.translations[partner]
        for joint, partner in enumerate(partners)
        if partner in clip.translations
    }
    rotations = _reflect(clip.rotations[:, list(partners)], above, own)
    mirrored = replace(skeleton, offsets=offsets, end_sites=sites)
    return replace(clip, skeleton=mirrored, rotations=rotations, translations=translations)


def find_symmetry(clip: Clip) -> Symmetry:
    """Partners by name, and for each joint the reflection of its axes that maps the bones below it best onto theirs.

    Bones in one line leave the choice open: then the parent's reflection is kept, unless the clip's movement says
    clearly otherwise.
    """
    skeleton = clip.skeleton
    partners = find_partners(skeleton)
    moments = np.einsum("tja,tjb->jab", clip.rotations, clip.rotations) / clip.num_frames
    reflections = np.zeros(skeleton.num_joints, int)
    for joint, parent in enumerate(skeleton.parents):
        if partners[joint] < joint:
            reflections[joint] = reflections[partners[joint]]
            continue
        inherited = _ALONG_X if parent < 0 else int(reflections[parent])
        misfits = _bone_misfits(skeleton, partners, joint)
        open_choices = np.flatnonzero(misfits <= misfits.min() + _SAME_BONES)
        alike = {int(own): _alikeness(moments, joint, partners[joint], inherited, int(own)) for own in open_choices}
        if inherited in alike:
            alike[inherited] += _CLEARLY_ALIKE
        reflections[joint] = max(alike, key=lambda own: alike[own])
    return Symmetry(partners, tuple(reflections.tolist()))


def find_partners(skeleton: Skeleton) -> tuple[int, ...]:
    """Each joint's counterpart by name: Left/Right in any case, L and R as a word, a prefix or a suffix.

    Raises:
        DataError: two partners hang from joints that are no partners.

    Example:
        >>> import numpy as np
        >>> from transflower.motion.skeleton import Skeleton
        >>> offsets = np.array([[0.0, 0, 0], [0.1, 0, 0], [-0.1, 0, 0]])
        >>> skeleton = Skeleton(names=("Hips", "LeftLeg", "RightLeg"), parents=(-1, 0, 0), offsets=offsets)
        >>> find_partners(skeleton)
        (0, 2, 1)
    """
    index_of = {name: joint for joint, name in enumerate(skeleton.names)}
    other = [_other_side(name, index_of) for name in skeleton.names]
    partners = tuple(partner if other[partner] == joint else joint for joint, partner in enumerate(other))
    for joint, partner in enumerate(partners):
        parent, parent_there = skeleton.parents[joint], skeleton.parents[partner]
        if joint != partner and (parent < 0 or parent_there < 0 or partners[parent] != parent_there):
            names = f"{skeleton.names[joint]!r} and {skeleton.names[partner]!r}"
            raise DataError(f"cannot mirror: {names} are partners by name but hang from joints that are not")
    return partners


def _other_side(name: str, index_of: dict[str, int]) -> int:
    for other in _names_of_other_side(name):
        if other in index_of and other != name:
            return index_of[other]
    return index_of[name]


def _names_of_other_side(name: str) -> Iterator[str]:
    """What the joint on the other side may be called, the likeliest first."""
    for pattern in _SIDES:
        yield pattern.sub(_opposite, name)
        for match in pattern.finditer(name):  # in rig:LArm the L alone, not the r of rig
            yield name[: match.start()] + _opposite(match) + name[match.end() :]


def _opposite(match: re.Match[str]) -> str:
    word = match[0]
    opposite = _OPPOSITE[word.lower()]
    if word.isupper():
        return opposite.upper()
    return opposite.capitalize() if word[0].isupper() else opposite


def _bone_misfits(skeleton: Skeleton, partners: tuple[int, ...], joint: int) -> Float[np.ndarray, "4"]:
    """Squared distance between the bones below ``joint`` and the reflected ones below its partner, per reflection."""
    here = [skeleton.offsets[child] for child in skeleton.children[joint]]
    there = [skeleton.offsets[partners[child]] for child in skeleton.children[joint]]
    if joint in skeleton.end_sites and partners[joint] in skeleton.end_sites:
        here.append(np.array(skeleton.end_sites[joint]))
        there.append(np.array(skeleton.end_sites[partners[joint]]))
    squares = np.sum(np.square(here))
    if squares < _NO_LENGTH:
        return np.zeros(len(REFLECTIONS))
    misfits = np.sum((np.array(here) - REFLECTIONS[:, None] * np.array(there)) ** 2, axis=(1, 2))
    return np.asarray(misfits / squares)


def _alikeness(moments: Float[np.ndarray, "J 4 4"], joint: int, partner: int, above: int, own: int) -> float:
    """How alike the rotations of ``joint`` are to its partner's reflected ones, 0 to 1, from their second moments."""
    reflected = _reflect(np.eye(4), above, own)
    there = reflected.T @ moments[partner] @ reflected
    here = moments[joint]
    return float(np.sum(here * there) / np.sqrt(np.sum(here**2) * np.sum(there**2)))


def _reflect(
    rotations: Float[np.ndarray, "*B 4"], above: int | np.ndarray, own: int | np.ndarray
) -> Float[np.ndarray, "*B 4"]:
    """Local rotations under a reflection of the parent's axes and one of the joint's own."""
    return rot.multiply(rot.multiply(rot.inverse(_TURNS[above]), rotations), _TURNS[own])
