"""Stored features of motion as clips, those that are seen from a partner too."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.array_file import ArrayFile
from transflower.core.errors import FormatError
from transflower.core.files import is_there
from transflower.features.extraction.duets import PARTNER
from transflower.features.motion.codec import decode_motion, places_of
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.motion.clip import Clip
from transflower.motion.placement import Places


def decode_stored(rows: Float[np.ndarray, "T D"], sidecar: MotionSidecar, path: Path) -> Clip:
    """The motion of the first frames of the array in ``path``, ``ID.FEATURE.npy``.

    Raises:
        FormatError: it is seen from a partner whose array is not beside it.
        DataError: rows that are no features.
    """
    partner = None if sidecar.root_frame == "own" else _partner_of(path, len(rows))
    return decode_motion(rows, sidecar, partner=partner)


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
