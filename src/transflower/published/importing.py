"""From a published checkpoint, and the scalers of its features, to a model of ours.

Shape letters: D columns.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from transflower.core.errors import FormatError, ModelError
from transflower.core.files import read_bytes
from transflower.core.moments import Moments
from transflower.models.model import Model
from transflower.published.checkpoint import read_checkpoint
from transflower.published.moglow_model import load_moglow_model
from transflower.published.transflower import load_transflower
from transflower.published.transformer_model import load_transformer_model
from transflower.published.weights import check_sizes, text

_LOADERS = {"moglow": load_moglow_model, "transflower": load_transflower, "transformer": load_transformer_model}
"""By the name that the published option ``model`` gives them."""

_LARGEST_SCALER = 2**24

_NOT_A_MODEL = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, SyntaxError, RuntimeError),
)


def import_model(path: Path, scalers: Mapping[str, Path], *, fps: float) -> Model:
    """The model of a checkpoint, whose features are at ``fps`` frames per second.

    Raises:
        FormatError: a file does not hold what it should.
        ModelError: the checkpoint is of a model that ours has not.
    """
    settings, state = read_checkpoint(path)
    kind = text(settings, "model", "none")
    if kind not in _LOADERS:
        raise ModelError(f"{path}: a published model of kind {kind!r} cannot be read; {', '.join(_LOADERS)} can")
    moments = {name: read_scaler(scaler) for name, scaler in scalers.items()}
    check_sizes(settings, state)
    try:
        model = _LOADERS[kind](settings, state, moments)
    # Settings are what somebody's program left: each can be of any type, and contradict the others.
    except _NOT_A_MODEL as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise ModelError(f"{path}: its settings describe no published model ({reason})") from error
    model.streams = {name: replace(stream, fps=fps) for name, stream in model.streams.items()}
    return model


def read_scaler(path: Path) -> Moments:
    """Mean and standard deviation ``[D]`` of a modality.

    Raises:
        FormatError: they are not in the file.
    """
    file = io.BytesIO(read_bytes(path, limit=_LARGEST_SCALER))
    try:
        if _unpacked(file) > _LARGEST_SCALER:
            raise ValueError("larger than any scaler")
        contents = np.load(file, allow_pickle=False)
        rows = [contents["mean"], contents["std"]] if isinstance(contents, np.lib.npyio.NpzFile) else list(contents)
        mean, std = (np.asarray(row, np.float64) for row in rows)
    except (KeyError, ValueError, TypeError, EOFError, OSError, MemoryError, zipfile.BadZipFile) as error:
        raise FormatError(path, "is no scaler: it must hold `mean` and `std`, or two rows with these") from error
    if mean.ndim != 1 or mean.shape != std.shape or not (np.isfinite(mean).all() and (std >= 0).all()):
        raise FormatError(path, "is no scaler: mean and std must be finite rows of one length, and std not negative")
    return mean, std


def _unpacked(file: io.BytesIO) -> int:
    """Bytes that an archive holds; 0 of any other file."""
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return 0
    with zipfile.ZipFile(file) as archive:
        size = sum(member.file_size for member in archive.infolist())
    file.seek(0)
    return size
