"""Our own archive: all that a clip holds, and what is computed from it most often.

Shape letters: T frames, J joints, K joints with translations, S end sites, L legs.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float

from transflower.core.errors import DataError
from transflower.core.numbers import MOST_FPS
from transflower.formats.npz.archive import ArrayArchive, write_archive
from transflower.formats.recording import Recording
from transflower.motion import anatomy
from transflower.motion.clip import Clip
from transflower.motion.contacts import contact_and_slide
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton

NEEDED = frozenset({"rotations", "offsets", "parents", "names", "fps"})
"""Arrays by which such an archive is told from others."""

_MOST_JOINTS = 5000
_UNIT = 1e-3
"""How far from 1 the length of a rotation may be."""


def write_motion(path: Path | str, recording: Recording) -> None:
    """Write a recording as an archive of arrays, whole or not at all.

    ``names [J]``, ``parents [J]``, ``offsets [J, 3]``, ``fps``; ``rotations [T, J, 4]``, local quaternions wxyz;
    ``translations [T, K, 3]`` of the joints ``translated [K]``, the root first; ``end_sites [S, 3]`` of the joints
    ``end_site_joints [S]``. Computed from these: ``positions [T, J, 3]`` in the world, ``contacts [T, L]``, whether
    the foot of each leg carries weight, and ``contact_joints [L]``, their ankles. Metres, Y up.
    """
    clip = recording.clip
    world = forward(clip)
    contacts, ankles = foot_contacts(clip)
    moved = sorted(clip.translations)
    write_archive(
        path,
        {
            "names": np.array(clip.skeleton.names),
            "parents": np.array(clip.skeleton.parents),
            "offsets": np.asarray(clip.skeleton.offsets, float),
            "end_site_joints": np.array(list(clip.skeleton.end_sites), int),
            "end_sites": np.array(list(clip.skeleton.end_sites.values()), float).reshape(-1, 3),
            "fps": np.array(float(clip.fps)),
            "rotations": clip.rotations,
            "translated": np.array(moved),
            "translations": np.stack([clip.translations[joint] for joint in moved], axis=1),
            "positions": world[0].astype(np.float32),
            "contacts": contacts,
            "contact_joints": np.array(ankles, int),
        },
    )


def foot_contacts(clip: Clip) -> tuple[Bool[np.ndarray, "T L"], list[int]]:
    """Whether the foot of each leg carries weight in each frame, and the joints of their ankles."""
    where = anatomy.points(clip)
    body = anatomy.read_anatomy(clip.skeleton, np.median(where[..., 1], axis=0))
    contacts = np.zeros((clip.num_frames, len(body.legs)), bool)
    for index, leg in enumerate(body.legs):
        if clip.num_frames > 1:
            steps = contact_and_slide(where[:, list(leg.extremity)], clip.fps)[0]
            contacts[:, index] = np.append(steps, steps[-1])
    joints = clip.skeleton.num_joints
    return contacts, [leg.end if leg.end < joints else body.parents[leg.end] for leg in body.legs]


def read_motion(archive: ArrayArchive, *, fps: float | None = None) -> Clip:
    """Read what ``write_motion`` wrote; other programs need to write what the clip is made of alone.

    Raises:
        FormatError: an array is missing or damaged, or does not fit the others.
    """
    names = archive.texts("names")
    if not 0 < len(names) <= _MOST_JOINTS:
        archive.fail(f"has {len(names)} joints, 1 to {_MOST_JOINTS} are possible")
    rotations = archive.numbers("rotations", None, len(names), 4)
    lengths = np.linalg.norm(rotations, axis=-1)
    if rotations.size and np.abs(lengths - 1).max() > _UNIT:
        frame, joint = np.argwhere(np.abs(lengths - 1) > _UNIT)[0]
        archive.fail(f"holds rotations that are none: of {names[joint]!r} in frame {frame}")
    rate = archive.number("fps") if fps is None else fps
    if not 0 < rate <= MOST_FPS:
        archive.fail(f"has {rate:g} frames a second, which no recording has")
    try:
        return Clip(_read_skeleton(archive, names), rate, rotations, _read_translations(archive, len(rotations), names))
    except DataError as error:
        archive.fail(str(error))


def _read_skeleton(archive: ArrayArchive, names: list[str]) -> Skeleton:
    count = len(names)
    parents = [int(parent) for parent in archive.numbers("parents", count)]
    sites = {}
    if "end_sites" in archive.names:
        owners = _joints(archive, "end_site_joints", count)
        offsets = archive.numbers("end_sites", len(owners), 3).tolist()
        sites = {owner: (x, y, z) for owner, (x, y, z) in zip(owners, offsets, strict=True)}
    return Skeleton(tuple(names), tuple(parents), archive.numbers("offsets", count, 3), sites)


def _read_translations(archive: ArrayArchive, num_frames: int, names: list[str]) -> dict[int, Float[np.ndarray, "T 3"]]:
    joints = _joints(archive, "translated", len(names)) if "translated" in archive.names else [0]
    tracks = archive.numbers("translations", num_frames, len(joints), 3)
    return {joint: tracks[:, index] for index, joint in enumerate(joints)}


def _joints(archive: ArrayArchive, name: str, count: int) -> list[int]:
    joints = [int(joint) for joint in archive.numbers(name, None)]
    if any(not 0 <= joint < count for joint in joints):
        archive.fail(f"holds {name} with a joint that there is not")
    return joints
