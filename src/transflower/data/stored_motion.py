"""Motion of any file, stored features among them, also those that are seen from a partner."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.array_file import ArrayFile
from transflower.core.errors import FormatError
from transflower.core.files import is_there
from transflower.data.store import Store
from transflower.features.extraction.duets import PARTNER
from transflower.features.motion.codec import decode_motion, places_of
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.finedance import sidecar_of
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import read_recording
from transflower.motion.clip import Clip
from transflower.motion.placement import Places

_FEATURES = ".npy"


def is_stored(path: Path) -> bool:
    """Whether a file is an array of features with a sidecar that describes it."""
    return path.suffix.lower() == _FEATURES and "." in path.stem and sidecar_of(path).is_file()


def open_motion(path: Path, options: ReadOptions = ReadOptions()) -> Recording:  # noqa: B008  # It is frozen.
    """Read the motion of a file of any format, or of stored features.

    Raises:
        FormatError: it holds no motion.
        OptionsError: no such unit or axis.
    """
    return _read_stored(path) if is_stored(path) else read_recording(path, options)


def decode_stored(rows: Float[np.ndarray, "T D"], sidecar: MotionSidecar, path: Path) -> Clip:
    """The motion of the first frames of the array in ``path``, ``ID.FEATURE.npy``.

    Raises:
        FormatError: it is seen from a partner whose array is not beside it.
        DataError: rows that are no features.
    """
    partner = None if sidecar.root_frame == "own" else _partner_of(path, len(rows))
    return decode_motion(rows, sidecar, partner=partner)


def _read_stored(path: Path) -> Recording:
    """Motion of ``ID.FEATURE.npy``, by the sidecar beside it."""
    sequence_id, _, feature = path.stem.rpartition(".")
    sidecar = read_sidecar(sidecar_of(path))
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(path, f"holds {sidecar.kind} features, not motion")
    rows = Store(path.parent).open(sequence_id, feature).read()
    if rows.shape[1] != len(sidecar.names) or not np.isfinite(rows).all():
        raise FormatError(path, f"does not hold {len(sidecar.names)} finite columns, as its sidecar says")
    return Recording(clip=decode_stored(rows, sidecar, path), layout=sidecar.layout)


def _partner_of(path: Path, num_frames: int) -> Places:
    sequence_id = path.stem.rpartition(".")[0]
    array, described = path.with_name(f"{sequence_id}.{PARTNER}.npy"), path.with_name(f"{PARTNER}.json")
    for file in (array, described):
        if not is_there(file):
            raise FormatError(path, f"is seen from a partner, and {file.name} is not beside it")
    sidecar = read_sidecar(described)
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(described, f"describes {sidecar.kind} features, not the motion of a partner")
    rows = ArrayFile(array).read(0, num_frames)
    return places_of(decode_motion(rows, sidecar), sidecar)
