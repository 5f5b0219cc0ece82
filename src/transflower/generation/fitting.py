"""Whether arrays fit a model, said in one sentence where they do not.

Shape letters: T frames, S frames of a seed, D columns.
"""

from collections.abc import Mapping

import numpy as np

from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.data.reading import DTYPES
from transflower.models import Model


def conditions(model: Model) -> list[str]:
    """The inputs that are given, not drawn."""
    return [name for name in model.spans if name not in model.config.outputs]


def is_autoregressive(model: Model, output: str) -> bool:
    """Whether the model reads what it has drawn of an output."""
    return output in model.config.outputs and output in model.spans


def fit_inputs(model: Model, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The conditions, as ``[T, D]`` of the type that the model reads; other arrays are left out.

    Raises:
        ModelError: one is missing, or does not fit.
    """
    missing = [name for name in conditions(model) if name not in inputs]
    if missing:
        raise ModelError(f"the model also reads {', '.join(missing)}; give an array of each")
    return {name: fit_rows(model, name, inputs[name]) for name in conditions(model)}


def fit_seeds(model: Model, seeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The seeds, as ``[S, D]`` of the type that the model reads.

    Raises:
        ModelError: one is not of an output that the model also reads, or does not fit.
    """
    for name in seeds:
        if not is_autoregressive(model, name):
            raise ModelError(f"the model does not read what it has drawn of {name!r}, so no seed can lead into it")
    return {name: fit_rows(model, name, rows) for name, rows in seeds.items()}


def fit_rows(model: Model, name: str, rows: np.ndarray) -> np.ndarray:
    """Rows of a modality, of the type that the model reads.

    Raises:
        ModelError: they do not fit.
    """
    fault = misfit(model, name, rows)
    if fault:
        raise ModelError(f"{name!r} {fault}")
    return np.ascontiguousarray(rows, DTYPES[model.streams[name].kind])


def misfit(model: Model, name: str, rows: np.ndarray) -> str | None:
    """Why ``rows`` cannot be a modality of a model; None if they can."""
    stream = model.streams[name]
    if rows.ndim != 2 or rows.shape[1] != stream.dim:
        return f"has shape {list(rows.shape)}, the model reads [frames, {stream.dim}]"
    if len(rows) == 0:
        return "has no frames"
    if stream.mode != "sequence":
        wanted = 1 if stream.mode == "tile" else model.spans[name].length
        if len(rows) != wanted:
            return f"has {len(rows)} rows, the model reads {wanted}"
    return _bad_value(rows, stream)


def _bad_value(rows: np.ndarray, stream: StreamSpec) -> str | None:
    is_bad, wanted = ~np.isfinite(rows), "a finite number"
    if stream.kind == "categorical":
        is_bad |= (rows < 0) | (rows >= stream.num_classes) | (rows != np.floor(rows))
        wanted = f"a class from 0 to {stream.num_classes - 1}"
    if not is_bad.any():
        return None
    frame, column = np.argwhere(is_bad)[0].tolist()
    return f"is {rows[frame, column]} in frame {frame}, column {column}, not {wanted}"
