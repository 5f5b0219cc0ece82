"""Sidecars: ``DATA/<feature>.json``, which says what a feature's columns mean and how to invert them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.files import check_file, check_name, read_json, write_json
from transflower.core.numbers import MOST_FPS
from transflower.features.motion.columns import RootFrame, named_columns
from transflower.features.motion.representation import REPRESENTATIONS
from transflower.formats.bvh import BvhLayout, read_skeleton
from transflower.motion import rotations
from transflower.motion.mirror import Symmetry
from transflower.motion.root import RootChain, find_motion_root
from transflower.motion.skeleton import Skeleton

_CONFIG = ConfigDict(extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)

Fps = Annotated[float, Field(gt=0, le=MOST_FPS, strict=True)]
_SURE = "beat_sure"
_FARTHEST = 1e6
"""Metres; no joint is farther from another."""
_UNIT_ERROR = 1e-3
Length = Annotated[float, Field(ge=1e-6, le=1e6, strict=True)]
"""Of a unit, in metres."""


def _as_skeleton(value: object) -> Skeleton:
    if isinstance(value, Skeleton):
        return value
    try:
        skeleton = Skeleton.from_dict(_as_dict(value))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError("must hold names, parents, offsets and end_sites, or be the name of a BVH here") from error
    num_joints = len(skeleton.names)
    if num_joints == 0 or len(skeleton.parents) != num_joints or skeleton.offsets.shape != (num_joints, 3):
        raise ValueError("must hold a name, a parent and an offset of 3 numbers for every joint")
    if not _are_lengths([*skeleton.offsets, *skeleton.end_sites.values()]):
        raise ValueError("has offsets or end sites that are no lengths in metres")
    if not set(skeleton.end_sites) <= set(range(num_joints)):
        raise ValueError("has end sites of joints that it does not have")
    return skeleton


def _as_root(value: object) -> RootChain | None:
    if value is None:
        return None
    try:
        chain = RootChain.from_dict(_as_dict(value))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("must hold a joint, and rotations and translations of the joints above it") from error
    if not len(chain.rotations) == len(chain.translations) == chain.joint:
        raise ValueError("must hold a rotation of 4 and a translation of 3 numbers for every joint above it")
    is_turn = np.abs(np.linalg.norm(chain.rotations, axis=-1) - 1) < _UNIT_ERROR
    if not (is_turn.all() and _are_lengths(chain.translations)):
        raise ValueError("has rotations that are no quaternions of length 1, or translations that are no metres")
    return chain


def _are_lengths(numbers: Any) -> bool:
    return bool(np.all(np.abs(numbers) <= _FARTHEST))  # so that NaN is none


def _as_dict(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value


@dataclass(frozen=True, kw_only=True, eq=False)
class MotionSidecar:
    """What inverts motion features. Columns are known by name; those that are absent are at rest.

    Raises:
        TransflowerError: an unknown representation, another motion root, or names that are no columns.
    """

    __pydantic_config__: ClassVar = _CONFIG

    fps: Fps
    """Frames per second of the features."""
    names: tuple[str, ...]
    """``<joint>_<suffix>`` for each column."""
    representation: str
    """How rotations are written: a name in ``REPRESENTATIONS``."""
    skeleton: Annotated[Skeleton, BeforeValidator(_as_skeleton)]
    """The skeleton that features are read on, whatever the bone lengths of a single recording."""
    root: Annotated[RootChain | None, BeforeValidator(_as_root)] = None
    """How the joints above the motion root stand; None: at rest."""
    forward: tuple[float, float, float] = (0.0, 0.0, 1.0)
    """Axis of the root's own frame that points where the body faces."""
    metres_per_unit: Length = 1.0
    """Length of one unit of the features' position and delta columns; 0.01 for features in centimetres."""
    typical: Mapping[str, float] = field(default_factory=dict)
    """Column -> a usual value: rotations that can be written in several ways begin nearest to it, else to rest.

    Other columns than those of rotations do not matter.
    """
    symmetry: Symmetry | None = None
    """How the skeleton maps onto its mirror image; None where it does not."""
    layout: BvhLayout | None = None
    """How the recordings were written, for writing files like them."""
    root_frame: RootFrame = "own"
    """Where the root is seen from: itself, a frame before; or a partner who is given."""
    kind: Literal["motion"] = "motion"

    def __post_init__(self) -> None:
        suffixes = REPRESENTATIONS[self.representation].suffixes
        named_columns(self.skeleton, suffixes, self.names, root_frame=self.root_frame)
        if self.root_chain.joint != find_motion_root(self.skeleton):
            raise DataError(
                f"joint {self.root_chain.joint} is not the first one with several children, the motion root"
            )
        if self.symmetry is not None and not self.symmetry.fits(self.skeleton):
            raise DataError("symmetry must name a partner and a reflection for each joint of the skeleton")

    @property
    def root_chain(self) -> RootChain:
        """The motion root and what stands above it."""
        joint = find_motion_root(self.skeleton)
        return self.root or RootChain(joint, rotations.identity(joint), self.skeleton.offsets[:joint])

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``sidecar_from_dict`` is the inverse."""
        return {
            "kind": self.kind,
            "fps": self.fps,
            "representation": self.representation,
            "root": None if self.root is None else self.root.to_dict(),
            "forward": list(self.forward),
            "metres_per_unit": self.metres_per_unit,
            "names": list(self.names),
            "skeleton": self.skeleton.to_dict(),
            "typical": dict(self.typical),
            "symmetry": None if self.symmetry is None else asdict(self.symmetry),
            "layout": None if self.layout is None else self.layout.to_dict(),
            **({} if self.root_frame == "own" else {"root_frame": self.root_frame}),
        }


@dataclass(frozen=True, kw_only=True)
class AudioSidecar:
    """What audio features hold, and what makes the same ones of another song.

    Raises:
        DataError: the row of silence has not one number a column.
    """

    __pydantic_config__: ClassVar = _CONFIG

    fps: Fps
    """Frames per second of the features."""
    names: tuple[str, ...]
    """What each column holds."""
    silence: tuple[float, ...]
    """The row of no sound."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the extraction."""
    fade_without_beat: bool = False
    """Of a model: whether it hears sound without a beat as silence, because it has learnt from nothing but music."""
    kind: Literal["audio"] = "audio"

    def __post_init__(self) -> None:
        if len(self.silence) != len(self.names):
            raise DataError(f"silence holds {len(self.silence)} numbers for {len(self.names)} columns")
        if self.fade_without_beat and _SURE not in self.names:
            raise DataError(f"fade_without_beat needs the column {_SURE}, which says how sure a beat is")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``sidecar_from_dict`` is the inverse."""
        return {
            "kind": self.kind,
            "fps": self.fps,
            "settings": dict(self.settings),
            "names": list(self.names),
            "silence": list(self.silence),
            **({"fade_without_beat": True} if self.fade_without_beat else {}),
        }


@dataclass(frozen=True, kw_only=True)
class MovesSidecar:
    """What finds the kind of move in motion features: windows of frames have that of a near centre.

    Raises:
        DataError: centres that are not a mean and a standard deviation of each column.
    """

    __pydantic_config__: ClassVar = _CONFIG

    fps: Fps
    """Frames per second of the features."""
    of: str
    """The motion feature."""
    frames: Annotated[int, Field(gt=0, le=60_000, strict=True)]
    """Length of a window."""
    mean: tuple[float, ...]
    """Of each column of the motion."""
    scale: tuple[float, ...]
    """What each column, less its mean, is multiplied by."""
    centres: tuple[tuple[float, ...], ...]
    """Of each kind: the means, then the standard deviations of the scaled columns over a window."""
    cost_of_change: Annotated[float, Field(ge=0)] = 0.0
    """What a change of kind costs, in squared distances from the centres summed over frames."""
    kind: Literal["moves"] = "moves"

    def __post_init__(self) -> None:
        columns = len(self.mean)
        if len(self.scale) != columns or any(len(centre) != 2 * columns for centre in self.centres):
            raise DataError(f"scale must hold {columns} numbers as mean does, and every centre twice as many")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "kind": self.kind,
            "fps": self.fps,
            "of": self.of,
            "frames": self.frames,
            "mean": list(self.mean),
            "scale": list(self.scale),
            "centres": [list(centre) for centre in self.centres],
            "cost_of_change": self.cost_of_change,
        }


@dataclass(frozen=True, kw_only=True)
class LabelsSidecar:
    """What labels mean: styles, dancers, energies, words.

    Raises:
        DataError: a label that is there twice.
    """

    __pydantic_config__: ClassVar = _CONFIG

    names: tuple[str]
    """The one column."""
    fps: Fps | None = None
    """Frames per second; None where they do not change in the course of a recording."""
    vocabulary: tuple[str, ...] = ()
    """The label of each class; none where labels are numbers."""
    default: str = ""
    """The label that a model is given where nobody gives one; none where it is empty."""
    kind: Literal["labels"] = "labels"

    def __post_init__(self) -> None:
        if len(set(self.vocabulary)) < len(self.vocabulary):
            raise DataError("vocabulary holds a label twice")
        if self.default and self.vocabulary and self.default not in self.vocabulary:
            raise DataError(f"default is {self.default!r}, which is not in the vocabulary")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        tree: dict[str, Any] = {"kind": self.kind, "names": list(self.names), "vocabulary": list(self.vocabulary)}
        if self.default:
            tree["default"] = self.default
        return tree if self.fps is None else {**tree, "fps": self.fps}


@dataclass(frozen=True, kw_only=True)
class ContactsSidecar:
    """Which feet will stand, as classes: 1 stands for the first foot, 2 for the second, 3 for both, and so on.

    Raises:
        DataError: a foot that is there twice.
    """

    __pydantic_config__: ClassVar = _CONFIG

    fps: Fps
    """Frames per second of the features."""
    of: str
    """The motion feature."""
    ahead: Annotated[int, Field(ge=0, le=1000, strict=True)]
    """The class of a frame tells of the one so many frames later."""
    feet: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]
    """Joint of each ankle."""
    kind: Literal["contacts"] = "contacts"

    def __post_init__(self) -> None:
        if len(set(self.feet)) < len(self.feet):
            raise DataError("feet holds a joint twice")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"kind": self.kind, "fps": self.fps, "of": self.of, "ahead": self.ahead, "feet": list(self.feet)}


Sidecar = MotionSidecar | AudioSidecar | MovesSidecar | LabelsSidecar | ContactsSidecar

_KINDS: dict[str, type[Sidecar]] = {
    "motion": MotionSidecar,
    "audio": AudioSidecar,
    "moves": MovesSidecar,
    "labels": LabelsSidecar,
    "contacts": ContactsSidecar,
}


def write_sidecar(path: Path | str, sidecar: Sidecar) -> None:
    """Write ``sidecar`` as JSON, atomically."""
    write_json(path, sidecar.to_dict())


def read_sidecar(path: Path | str) -> Sidecar:
    """Read a sidecar; one written by hand may give the name of a BVH beside it as its ``skeleton``.

    Raises:
        FormatError: it cannot be read, or a key is missing, unknown or wrong: all of them named.
    """
    return sidecar_from_dict(read_json(path), path)


def sidecar_from_dict(tree: object, path: Path | str) -> Sidecar:
    """The sidecar that ``to_dict`` gave ``tree``; ``path`` is the file it is from, for messages and a BVH beside it.

    Raises:
        FormatError: a key is missing, unknown or wrong: all of them named.
    """
    if not isinstance(tree, dict):
        raise FormatError(path, "must hold a JSON object")
    kind = tree.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise FormatError(path, f"key 'kind' must be one of {', '.join(_KINDS)}, got {kind!r}")
    try:
        if isinstance(skeleton := tree.get("skeleton"), str):
            beside = Path(path).parent / check_name(skeleton, what="skeleton file")
            check_file(beside)
            tree = {**tree, "skeleton": read_skeleton(beside)}
        return TypeAdapter(_KINDS[kind]).validate_python(tree)
    except ValidationError as error:
        faults = [_fault(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise FormatError(path, "; ".join(faults)) from error
    except TransflowerError as error:
        raise FormatError(path, str(error)) from error


def _fault(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"key {'.'.join(map(str, location))!r}: {message[:1].lower()}{message[1:]}"
