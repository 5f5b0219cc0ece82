"""Data frames of numbers, put together from their parts as any version of pandas writes them; pandas is not needed.

Shape letters: T rows, C columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.numbers import LARGEST
from transflower.formats.pickles.stand_ins import Array, Columns, Part

_MOST_NUMBERS, _MOST_BYTES, _NUMBER_BYTES = 2**26, 2**29, 8
_DEEPEST = 6
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "D": 86400.0}
"""Unit of times -> seconds."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """A table of numbers."""

    columns: tuple[str, ...]
    """Names."""
    values: Float[np.ndarray, "T C"]
    """Finite."""
    seconds: Float[np.ndarray, " T"] | None
    """The time of each row, where they have one."""


def is_frame(value: Any) -> bool:
    """Whether something that ``read_pickle`` gave is a data frame."""
    return isinstance(value, Part) and value.kind == "DataFrame"


def read_frame(value: Any) -> Frame:
    """A data frame that ``read_pickle`` gave.

    Raises:
        ValueError: its parts do not fit each other, or it holds something else than finite numbers.
    """
    axes, blocks = _axes_and_blocks(value)
    if len(axes) != 2:
        raise ValueError(f"the frame has {len(axes)} axes")
    names = _find_array(axes[0], kind="O")
    if names is None:
        raise ValueError("the columns of the frame have no names")
    columns = names.words()
    times = _find_array(axes[1], kind="m")
    values = _values(blocks, len(columns))
    seconds = None if times is None else _in_seconds(times.numpy(), len(values))
    return Frame(columns=tuple(columns), values=values, seconds=seconds)


def _axes_and_blocks(frame: Any) -> tuple[Sequence[Any], list[tuple[Any, Any]]]:
    """The axes, columns first; and arrays with the columns that they hold."""
    state = frame.state if isinstance(frame.state, dict) else {}
    manager = state.get("_mgr", state.get("_data"))
    if not isinstance(manager, Part):
        raise ValueError("the frame holds no data")
    if len(manager.args) == 2:
        blocks, axes = manager.args
        return axes, [(block.args[0], block.args[1]) for block in blocks]
    # Before pandas 1.3 the manager was set to a tuple, the last of which is a table of everything.
    parts = manager.state[3]["0.14.1"]
    return parts["axes"], [(block["values"], block["mgr_locs"]) for block in parts["blocks"]]


def _values(blocks: Sequence[tuple[Any, Any]], num_columns: int) -> Float[np.ndarray, "T C"]:
    places = [_places(where, num_columns) for _, where in blocks[: num_columns + 1]]
    if sorted(place for some in places for place in some) != list(range(num_columns)) or not all(places):
        raise ValueError("the blocks of the frame do not fill its columns")
    if sum(array.nbytes for array, _ in blocks) > _MOST_BYTES:
        raise ValueError("it is larger than any recording")
    arrays = [array.numpy() for array, _ in blocks]
    shapes = [(len(some), array.shape[-1]) for some, array in zip(places, arrays, strict=True)]
    if len({rows for _, rows in shapes}) != 1 or [array.shape for array in arrays] != shapes:
        raise ValueError("the blocks of the frame are not of one length")
    rows = shapes[0][1]
    if rows * num_columns > _MOST_NUMBERS:
        raise ValueError(f"{rows} rows of {num_columns} columns are more than any recording has")
    if any(array.dtype.kind not in "fiub" for array in arrays):
        raise ValueError("the frame holds something else than numbers")
    values = np.empty((rows, num_columns))
    for some, array in zip(places, arrays, strict=True):
        values[:, some] = array.T
    if not (np.abs(values) <= LARGEST).all():  # false for NaN
        raise ValueError("the frame holds a number that is not finite, or huge")
    return values


def _in_seconds(times: np.ndarray, rows: int) -> Float[np.ndarray, " T"]:
    if times.shape != (rows,):
        raise ValueError("the times of the frame are not as many as its rows")
    unit, count = np.datetime_data(times.dtype)
    return times.astype(np.int64) * (count * _SECONDS[unit])


def _places(where: Any, num_columns: int) -> list[int]:
    if isinstance(where, Columns):
        return list(where.indices[: num_columns + 1])
    if where.nbytes > 2 * _NUMBER_BYTES * num_columns:
        raise ValueError("a block of the frame has more columns than the frame")
    return [int(place) for place in where.numpy()]


def _find_array(value: Any, *, kind: str, depth: int = 0) -> Array | None:
    """The first array of some kind in a part of a frame."""
    if isinstance(value, Array):
        return value if value.kind == kind else None
    if depth == _DEEPEST:
        return None
    if isinstance(value, Part):
        inside: Sequence[Any] = (*value.args, value.state)
    else:
        inside = list(islice(value.values(), _DEEPEST)) if isinstance(value, dict) else ()
        inside = value if isinstance(value, tuple) else inside
    for one in inside[:_DEEPEST]:
        if (found := _find_array(one, kind=kind, depth=depth + 1)) is not None:
            return found
    return None
