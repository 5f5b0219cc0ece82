"""The bones: joint names, parents and offsets.

Shape letters: J joints.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Joints in hierarchy order: every parent stands before its children, joint 0 is the root.

    Raises:
        DataError: a name twice, or a parent after its child.

    Example:
        >>> import numpy as np
        >>> offsets = np.array([[0.0, 0, 0], [0, 0.5, 0], [0, 0.2, 0]])
        >>> skeleton = Skeleton(names=("Hips", "Spine", "Head"), parents=(-1, 0, 1), offsets=offsets)
        >>> skeleton.num_joints
        3
    """

    names: tuple[str, ...]
    """Joint names as in the file."""
    parents: tuple[int, ...]
    """Index of each joint's parent; -1 for the root."""
    offsets: Float[np.ndarray, "J 3"]
    """Rest position relative to the parent, in metres."""
    end_sites: Mapping[int, tuple[float, float, float]] = field(default_factory=dict)
    """Tips of the chains: leaf joint -> offset of its End Site, in metres."""

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            twice = sorted({name for name in self.names if self.names.count(name) > 1})
            raise DataError(f"joint names must be unique; twice: {', '.join(twice)}")
        for joint, parent in enumerate(self.parents):
            if not (parent < joint and (parent >= 0) == (joint > 0)):
                raise DataError(f"joint {self.names[joint]!r} must come after its parent, and only joint 0 is a root")

    @property
    def num_joints(self) -> int:
        """Joints, end sites not counted."""
        return len(self.names)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Indices of each joint's children."""
        children: list[list[int]] = [[] for _ in self.names]
        for joint, parent in enumerate(self.parents[1:], start=1):
            children[parent].append(joint)
        return tuple(map(tuple, children))

    @cached_property
    def levels(self) -> tuple[tuple[list[int], list[int]], ...]:
        """Joints that are equally many bones from the root, and their parents, without the root itself."""
        depths = [0]
        for parent in self.parents[1:]:
            depths.append(depths[parent] + 1)
        levels = [
            [joint for joint, depth in enumerate(depths) if depth == level] for level in range(1, max(depths) + 1)
        ]
        return tuple((joints, [self.parents[joint] for joint in joints]) for joints in levels)

    def index(self, name: str) -> int:
        """Index of the joint called exactly ``name``.

        Raises:
            DataError: there is none.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise DataError(f"no joint is called {name!r}; there are: {', '.join(self.names)}") from None

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``from_dict`` is the inverse."""
        return {
            "names": list(self.names),
            "parents": list(self.parents),
            "offsets": np.asarray(self.offsets, float).tolist(),
            "end_sites": {str(joint): list(offset) for joint, offset in self.end_sites.items()},
        }

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> "Skeleton":
        """Inverse of ``to_dict``.

        Raises:
            KeyError, TypeError, ValueError: ``tree`` holds something else.
        """
        names, parents, end_sites = tuple(tree["names"]), tuple(tree["parents"]), tree["end_sites"]
        if not (isinstance(end_sites, Mapping) and _are(str, names) and _are(int, parents)):
            raise TypeError("names must be text, parents whole numbers, and end_sites a mapping")
        sites = {int(joint): (float(x), float(y), float(z)) for joint, (x, y, z) in end_sites.items()}
        return cls(names, parents, np.asarray(tree["offsets"], float), sites)


def _are(kind: type, values: tuple[Any, ...]) -> bool:
    return all(type(value) is kind for value in values)
