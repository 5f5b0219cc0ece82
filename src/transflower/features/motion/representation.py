"""How a joint's rotation is written in columns; a new way is one file that registers itself here.

Shape letters: T frames, J joints, K columns a joint.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from transflower.core.registry import Registry


class Representation(ABC):
    """Rotations <-> real columns. ``decode`` takes any real numbers, because models produce any."""

    suffixes: ClassVar[tuple[str, ...]]
    """Names of a joint's K columns, each written ``<joint>_<suffix>``."""
    rest: ClassVar[tuple[float, ...]]
    """The K values of no rotation, for columns that are absent."""

    @abstractmethod
    def encode(
        self, quaternions: Float[np.ndarray, "T J 4"], near: Float[np.ndarray, "J K"]
    ) -> Float[np.ndarray, "T J K"]:
        """Columns of unit quaternions; where one can be written in several ways, the first frame's are ``near``."""

    @abstractmethod
    def decode(self, columns: Float[np.ndarray, "T J K"]) -> Float[np.ndarray, "T J 4"]:
        """Unit quaternions of columns."""


REPRESENTATIONS: Registry[Representation] = Registry("representation")
