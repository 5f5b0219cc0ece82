"""Motorica's published frames: rotations of joints and the way of the root, as pickled data frames.

The columns are those of the features published in 2021 (``features.motion.columns``): ``JOINT_alpha``, ``_beta`` and
``_gamma``, a rotation vector; ``Hips_Yposition``; and per frame the way in the facing frame and the turn,
``reference_dXposition``, ``_dZposition``, ``_dYrotation``. Lengths are centimetres. The skeleton is in none of the
files: it is read from ``skeleton.bvh`` beside them, and else is the one below, which is within a few percent.

Shape letters: T frames, C columns, J joints.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError
from transflower.core.numbers import MOST_FPS
from transflower.formats.bvh import read_skeleton
from transflower.formats.format import ReadOptions
from transflower.formats.pickles.frames import Frame
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.placement import GroundedRoot, Placement, unground
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton
from transflower.motion.units import METRES, parse_unit

SKELETON = "skeleton.bvh"
"""File beside the frames whose skeleton they are read on."""
_AXES = ("alpha", "beta", "gamma")
_FPS = 30.0
_RATE = re.compile(r"_(\d+)fps")
_HEIGHT = 0.91
"""Metres from the floor to the hips of somebody who stands, where no column tells it."""

# Joint, parent, and the way from the parent in centimetres. Sides are alike.
_MIDDLE = (
    ("Hips", None, (0.0, 0.0, 0.0)),
    ("Spine", "Hips", (0.0, 7.8, 0.0)),
    ("Spine1", "Spine", (0.0, 22.7, 0.0)),
    ("Neck", "Spine1", (0.0, 24.9, 0.0)),
    ("Head", "Neck", (0.0, 14.7, 1.9)),
)
_ARM = (
    ("Shoulder", "Spine1", (3.8, 20.8, 0.0)),
    ("Arm", "Shoulder", (12.5, 0.0, 0.0)),
    ("ForeArm", "Arm", (28.7, 0.0, 0.0)),
    ("Hand", "ForeArm", (23.6, 0.0, 0.0)),
)
_LEG = (
    ("UpLeg", "Hips", (9.5, 0.0, 0.0)),
    ("Leg", "UpLeg", (0.0, -35.7, 0.0)),
    ("Foot", "Leg", (0.0, -40.6, 0.0)),
    ("ToeBase", "Foot", (0.0, -6.2, 14.2)),
)
_TIPS = {"Head": (0.0, 18.0, 0.0), "Hand": (17.0, 0.0, 0.0), "ToeBase": (0.0, 0.0, 6.0)}


def is_motorica(frame: Frame) -> bool:
    """Whether a data frame holds rotations of joints."""
    return any(name.endswith("_alpha") for name in frame.columns)


def read_motorica(path: Path, frame: Frame, options: ReadOptions) -> Clip:
    """The motion of frames, on the skeleton beside the file or on the mean one. It begins at the origin.

    Raises:
        FormatError: columns are missing, there twice, or of joints that the skeleton lacks.
        OptionsError: no such unit.
    """
    if len(frame.values) == 0:
        raise FormatError(path, "has no frames")
    skeleton = _skeleton_beside(path)
    metres = parse_unit(options.unit) or METRES["cm"]
    columns = _Columns(path, frame)
    rotations = rot.identity(len(frame.values), skeleton.num_joints)
    for name in columns.joints():
        if name not in skeleton.names:
            raise FormatError(path, f"turns {name!r}, a joint that its skeleton lacks; put {SKELETON} beside it")
        rotations[:, skeleton.index(name)] = rot.from_expmap(columns.of([f"{name}_{axis}" for axis in _AXES]))
    root = find_motion_root(skeleton)
    name = skeleton.names[root]
    steps = [columns.way(name, step) for step in ("dXposition", "dZposition", "dYrotation")]
    grounded = GroundedRoot(
        rotations=rotations[:, root],
        positions=metres
        * columns.of([f"{name}_{axis}position" for axis in "XYZ"], absent=(0.0, _HEIGHT / metres, 0.0)),
        deltas=columns.of(steps) * (metres, metres, 1),
    )
    positions, rotations[:, root] = unground(grounded, Placement())
    return Clip(skeleton, _rate(path, frame, options.fps), rotations, {0: positions})


def mean_skeleton() -> Skeleton:
    """The skeleton of Motorica's dancers, in metres, in its T-pose."""
    joints = [*_MIDDLE]
    for limb in (_ARM, _LEG):
        for side, sign in (("Left", 1), ("Right", -1)):
            for name, parent, (x, y, z) in limb:
                above = parent if parent in {"Spine1", "Hips"} else side + parent
                joints.append((side + name, above, (sign * x, y, z)))
    names = tuple(name for name, _, _ in joints)
    tips = {}
    for name, (x, y, z) in _TIPS.items():
        for index, joint in enumerate(names):
            if joint.endswith(name):
                sign = -1 if joint.startswith("Right") else 1
                tips[index] = (sign * x / 100, y / 100, z / 100)
    parents = tuple(-1 if above is None else names.index(above) for _, above, _ in joints)
    return Skeleton(names, parents, np.array([offset for _, _, offset in joints]) / 100, tips)


def _skeleton_beside(path: Path) -> Skeleton:
    beside = path.with_name(SKELETON)
    return read_skeleton(beside) if beside.is_file() else mean_skeleton()


def _rate(path: Path, frame: Frame, fps: float | None) -> float:
    if fps is None and frame.seconds is not None and len(frame.seconds) > 1:
        step = float(np.median(np.diff(frame.seconds)))
        fps = round(1 / step, 3) if step > 0 else None
    if fps is None:
        told = _RATE.search(path.name)
        fps = float(told[1]) if told else _FPS
    if not 0 < fps <= MOST_FPS:
        raise FormatError(path, f"has {fps:g} frames a second, which no recording has")
    return fps


class _Columns:
    """Finds columns by name."""

    def __init__(self, path: Path, frame: Frame) -> None:
        self._path = path
        self._frame = frame
        self._place = {name: index for index, name in enumerate(frame.columns)}
        if len(self._place) < len(frame.columns):
            twice = next(name for name in frame.columns if frame.columns.count(name) > 1)
            raise FormatError(path, f"has two columns {twice!r}")

    def joints(self) -> list[str]:
        """The joints that have rotations."""
        return [name.removesuffix("_alpha") for name in self._frame.columns if name.endswith("_alpha")]

    def way(self, root: str, step: str) -> str:
        """The column of a step of the root, which is called by it or by what it is measured by."""
        return next((name for name in (f"reference_{step}", f"{root}_{step}") if name in self._place), f"{root}_{step}")

    def of(self, names: Sequence[str], absent: Sequence[float] | None = None) -> Float[np.ndarray, "T C"]:
        """Columns; those that are absent have a value.

        Raises:
            FormatError: one is missing and has none.
        """
        values = np.empty((len(self._frame.values), len(names)))
        for index, name in enumerate(names):
            if name in self._place:
                values[:, index] = self._frame.values[:, self._place[name]]
            elif absent is None:
                raise FormatError(self._path, f"lacks the column {name!r}")
            else:
                values[:, index] = absent[index]
        return values
