"""The formats of motion files, and reading any of them."""

from pathlib import Path

from transflower.core.errors import FormatError
from transflower.formats.bvh.format import BVH
from transflower.formats.finedance import FINEDANCE
from transflower.formats.format import Format, ReadOptions
from transflower.formats.gltf.format import GLB, VRMA
from transflower.formats.npz.format import NPZ, SMPL
from transflower.formats.pickles.format import PICKLE
from transflower.formats.recording import Recording

FORMATS: dict[str, Format] = {known.name: known for known in (BVH, GLB, VRMA, NPZ, SMPL, PICKLE, FINEDANCE)}
"""Name -> format."""

_REFUSED = {
    ".c3d": "holds positions of markers, and no joints; solve a skeleton in the program that recorded it, export BVH",
    ".fbx": "is not read; export it as GLB or BVH, in Blender for example",
    ".asf": "is a skeleton without motion; convert it and its .amc to BVH",
    ".amc": "is motion without a skeleton; convert it and its .asf to BVH",
}
"""Ends of names of motion files of other kinds, and what to do with them."""

_AUTO = ReadOptions()


def readable_suffixes() -> tuple[str, ...]:
    """Ends of the names of files that hold motion, in lower case."""
    return tuple(suffix for known in FORMATS.values() if known.read for suffix in known.suffixes)


def find_format(path: Path) -> Format | None:
    """The format that the file's name says; the longest suffix counts. None: no format has it."""
    suffix = find_suffix(path)
    return None if suffix is None else next(known for known in FORMATS.values() if suffix in known.suffixes)


def find_suffix(path: Path) -> str | None:
    """The end of the file's name that says its format, in lower case; it may have two dots. None: no format has it."""
    name = path.name.lower()
    fitting = [suffix for known in FORMATS.values() for suffix in known.suffixes if name.endswith(suffix)]
    return max(fitting, key=len, default=None)


def is_motion_file(path: Path) -> bool:
    """Whether ``read_recording`` reads files with such a name."""
    known = find_format(path)
    return known is not None and known.read is not None


def holds_motion(path: Path) -> bool:
    """Whether a file has such a name, and is not one of the others that have it. One that is broken counts."""
    known = find_format(path)
    if known is None or known.read is None:
        return False
    try:
        return known.holds is None or known.holds(path)
    except FormatError:
        return True


def refuse_others(path: Path) -> None:
    """Refuse a file of motion of a kind that is not read.

    Raises:
        FormatError: it is one; what to do with it.
    """
    if reason := _REFUSED.get(path.suffix.lower()):
        raise FormatError(path, reason)


def read_recording(path: Path | str, options: ReadOptions = _AUTO) -> Recording:
    """Read the motion of a file of any format.

    Raises:
        FormatError: the file's name is of no format that can be read, or its contents are not what it says.
        OptionsError: no such unit or axis.
    """
    path = Path(path)
    check_readable(path)
    known = find_format(path)
    assert known is not None, "it is readable"
    assert known.read is not None, "it is readable"
    return known.read(path, options)


def check_readable(path: Path) -> None:
    """Refuse a file of whose format, as its name says, no motion is read.

    Raises:
        FormatError: it is of another; what to do with it.
    """
    refuse_others(path)
    if not is_motion_file(path):
        raise FormatError(path, f"is of no format that holds motion; there are: {', '.join(readable_suffixes())}")
