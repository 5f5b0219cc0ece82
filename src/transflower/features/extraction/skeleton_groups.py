"""Which recordings have one skeleton."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from transflower.features.extraction.sources import Source
from transflower.motion.root import find_motion_root
from transflower.motion.skeleton import Skeleton

_SAME_METRES = 0.01
"""Most that a bone may be moved in a skeleton that is the same."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SkeletonGroup:
    """Recordings whose joints have the same names, parents and rest pose."""

    skeleton: Skeleton
    """That of the first of them."""
    sources: tuple[Source, ...]
    """The recordings."""

    @property
    def what(self) -> str:
        """As messages call it."""
        more = len(self.sources) - 1
        others = f" and {more} more" if more else ""
        return f"{self.sources[0].path}{others}"


def group_by_skeleton(skeletons: Mapping[Source, Skeleton]) -> list[SkeletonGroup]:
    """The groups, in the order of their first recordings."""
    groups: list[tuple[Skeleton, list[Source]]] = []
    of_names: dict[tuple[tuple[str, ...], tuple[int, ...]], list[int]] = {}
    for source, skeleton in skeletons.items():
        alike = of_names.setdefault((skeleton.names, skeleton.parents), [])
        found = next((index for index in alike if _is_same(groups[index][0], skeleton)), None)
        if found is None:
            alike.append(len(groups))
            groups.append((skeleton, [source]))
        else:
            groups[found][1].append(source)
    return [SkeletonGroup(skeleton=skeleton, sources=tuple(sources)) for skeleton, sources in groups]


def _is_same(first: Skeleton, second: Skeleton) -> bool:
    """Whether the bones below the motion root are the same; what is above it places the recording in the world."""
    below = slice(find_motion_root(first) + 1, None)
    gaps = np.linalg.norm(first.offsets[below] - second.offsets[below], axis=1)
    return bool(gaps.max(initial=0.0) < _SAME_METRES)
