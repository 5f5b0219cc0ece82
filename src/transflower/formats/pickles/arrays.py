"""The arrays of a pickled dictionary, as AIST++ has them."""

from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.errors import FormatError
from transflower.formats.arrays import Arrays
from transflower.formats.pickles.stand_ins import Array


class PickledArrays(Arrays):
    """Arrays and numbers of a dictionary that ``read_pickle`` gave."""

    def __init__(self, path: Path | str, values: dict[str, Any]) -> None:
        super().__init__(path)
        self._values = values

    @property
    def names(self) -> frozenset[str]:
        """The arrays and numbers that there are."""
        return frozenset(name for name, value in self._values.items() if isinstance(value, Array | int | float))

    def _read(self, name: str) -> np.ndarray:
        if name not in self.names:
            self.fail(f"holds no array {name}")
        value = self._values[name]
        if not isinstance(value, Array):
            return np.array(value)
        self._take(value.nbytes)
        try:
            return value.numpy()
        except ValueError as error:
            raise FormatError(self.path, f"holds a damaged array {name} ({error})") from error
