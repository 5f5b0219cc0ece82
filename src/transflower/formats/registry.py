"""The formats of motion files, and reading any of them."""

from pathlib import Path

from transflower.core.errors import FormatError
from transflower.formats.bvh.format import BVH
from transflower.formats.format import Format, ReadOptions
from transflower.formats.gltf.format import GLB, VRMA
from transflower.formats.npz.format import NPZ, SMPL
from transflower.formats.recording import Recording

FORMATS: dict[str, Format] = {known.name: known for known in (BVH, GLB, VRMA, NPZ, SMPL)}
"""Name -> format."""

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


def read_recording(path: Path | str, options: ReadOptions = _AUTO) -> Recording:
    """Read the motion of a file of any format.

    Raises:
        FormatError: the file's name is of no format that can be read, or its contents are not what it says.
        OptionsError: no such unit or axis.
    """
    path = Path(path)
    known = find_format(path)
    if known is None or known.read is None:
        raise FormatError(path, f"is of no format that holds motion; there are: {', '.join(readable_suffixes())}")
    return known.read(path, options)
