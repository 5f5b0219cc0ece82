"""Arrays from files, as a model reads them.

Shape letters: T frames, D columns.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.array_file import ArrayFile
from transflower.core.errors import FormatError
from transflower.data.reading import DTYPES
from transflower.data.store import Store
from transflower.generation.fitting import misfit
from transflower.generation.modalities import feature_name
from transflower.models import LoadedModel

_MUST_AGREE = ("kind", "fps", "representation", "metres_per_unit", "settings", "names")
"""Keys of sidecars without which the same numbers mean something else."""


def read_array(loaded: LoadedModel, name: str, path: Path) -> np.ndarray:
    """A modality from a ``.npy`` file, as ``[T, D]``; of alternatives, the first.

    Raises:
        FormatError: it is no array, or does not fit the model.
    """
    rows, stream = ArrayFile(path).read(), loaded.model.streams[name]
    if stream.mode == "single":
        rows = rows[0] if rows.ndim == 3 and len(rows) else rows[:, None] if rows.ndim == 1 else rows
    fault = misfit(loaded.model, name, rows)
    if fault:
        raise FormatError(path, f"does not fit the model's {name!r}: it {fault}")
    return np.ascontiguousarray(rows, DTYPES[stream.kind])


def read_stored(loaded: LoadedModel, name: str, folder: Path, sequence_id: str) -> np.ndarray:
    """A modality of a sequence in a folder of features.

    Raises:
        DataError: there is no such folder.
        FormatError: the array is missing, does not fit the model, or was extracted in another way.
    """
    store, feature = Store(folder), feature_name(loaded, name)
    rows = read_array(loaded, name, store.path(sequence_id, feature))
    _check_same(loaded.sidecars.get(name), store.sidecar(feature), folder / f"{feature}.json")
    return rows


def _check_same(wanted: Mapping[str, Any] | None, found: Mapping[str, Any] | None, path: Path) -> None:
    for key in _MUST_AGREE:
        if wanted is not None and found is not None and key in wanted and wanted[key] != found.get(key):
            values = f" ({found.get(key)} instead of {wanted[key]})" if isinstance(wanted[key], str | float) else ""
            raise FormatError(path, f"differs in {key!r} from what the model learnt{values}; extract it alike")
