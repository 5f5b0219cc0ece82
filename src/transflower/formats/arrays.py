"""Named arrays of a file, whatever kind it is: each is checked when it is asked for, and bounded."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import NoReturn

import numpy as np

from transflower.core.errors import FormatError
from transflower.core.numbers import LARGEST

_MOST_BYTES = 2**29
"""Of all arrays that are read of one file, and of what is made of them."""
_NUMBER_BYTES, _WORD_BYTES = 8, 64
"""Of a number as float64, and of a short word as a string."""


class Arrays(ABC):
    """The arrays of a file. A kind of file is a class with ``names`` and ``_read``."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._bytes_left = _MOST_BYTES

    @property
    @abstractmethod
    def names(self) -> frozenset[str]:
        """The arrays that there are."""

    def fail(self, message: str) -> NoReturn:
        """Raise a FormatError that names the file."""
        raise FormatError(self.path, message)

    def numbers(self, name: str, *shape: int | None) -> np.ndarray:
        """A finite array of some shape as float64; None fits any size.

        Raises:
            FormatError: it is missing or damaged, of another shape, or holds something else.
        """
        array = self._read(name)
        if array.dtype.kind not in "fiub":
            self.fail(f"holds {name} of type {array.dtype}; numbers are needed")
        is_fitting = len(array.shape) == len(shape) and all(
            wanted in {None, size} for wanted, size in zip(shape, array.shape, strict=True)
        )
        if not is_fitting:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            self.fail(f"holds {name} of shape {list(array.shape)}, [{wanted}] is needed")
        self._take(_NUMBER_BYTES * array.size - array.nbytes)  # what is there already was counted
        with np.errstate(invalid="ignore"):  # numpy warns of some kinds of NaN, which are refused below
            values = array.astype(float)
        is_meant = np.abs(values) <= LARGEST  # false for NaN
        if not is_meant.all():
            self.fail(
                f"holds {name} with a number that is not finite, or huge, at {np.argwhere(~is_meant)[0].tolist()}"
            )
        return values

    def number(self, name: str) -> float:
        """A single number, in an array of any shape.

        Raises:
            FormatError: as ``numbers``.
        """
        array = self._read(name)
        if array.size != 1 or array.dtype.kind not in "fiub" or not np.isfinite(array).all():
            self.fail(f"holds {name} that is not a finite number")
        return float(array.reshape(()))

    def texts(self, name: str) -> list[str]:
        """A list of words.

        Raises:
            FormatError: it is missing or damaged, or holds something else.
        """
        array = self._read(name)
        if array.dtype.kind != "U" or array.ndim != 1:
            self.fail(f"holds {name} of type {array.dtype}; a list of words is needed")
        self._take(_WORD_BYTES * array.size)
        return [str(word) for word in array.tolist()]

    @abstractmethod
    def _read(self, name: str) -> np.ndarray:
        """The array as it is in the file. Raises FormatError: it is missing or damaged."""

    def _take(self, count: int) -> None:
        self._bytes_left -= max(count, 0)
        if self._bytes_left < 0:
            self.fail(f"would unpack to more than {_MOST_BYTES / 2**20:g} MB, which no recording does")
