"""Motion of a file of any kind: formats of motion files, and stored features."""

from pathlib import Path

import numpy as np

from transflower.core.errors import FormatError
from transflower.data.store import Store
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import is_motion_file, read_recording, readable_suffixes

_FEATURES = ".npy"


def opened_suffixes() -> tuple[str, ...]:
    """Ends of the names of files that ``open_motion`` reads, in lower case."""
    return (*readable_suffixes(), _FEATURES)


def open_motion(path: Path, options: ReadOptions = ReadOptions()) -> Recording:  # noqa: B008  # It is frozen.
    """Read the motion of a file.

    Raises:
        FormatError: it holds no motion.
        OptionsError: no such unit or axis.
    """
    if path.suffix.lower() == _FEATURES and not is_motion_file(path):
        return _decode_features(path)
    return read_recording(path, options)


def _decode_features(path: Path) -> Recording:
    """Motion of stored features, ``ID.FEATURE.npy``, by the sidecar beside them."""
    sequence_id, _, feature = path.stem.rpartition(".")
    if not sequence_id:
        raise FormatError(path, "is not called ID.FEATURE.npy, so nothing says which motion its columns are")
    sidecar = read_sidecar(path.with_name(f"{feature}.json"))
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(path, f"holds {sidecar.kind} features, not motion")
    rows = Store(path.parent).open(sequence_id, feature).read()
    if rows.shape[1] != len(sidecar.names) or not np.isfinite(rows).all():
        raise FormatError(path, f"does not hold {len(sidecar.names)} finite columns, as its sidecar says")
    return Recording(clip=decode_motion(rows, sidecar), layout=sidecar.layout)
