"""Walks over the joints of a skeleton."""

from collections.abc import Iterable

from transflower.motion.skeleton import Skeleton


class Tree:
    """A skeleton, and ways along it."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton

    def path(self, joint: int) -> list[int]:
        """The joint and all above it, the nearest first."""
        path = [joint]
        while (parent := self.skeleton.parents[path[-1]]) >= 0:
            path.append(parent)
        return path

    def below(self, joint: int) -> list[int]:
        """All that hangs from the joint, the nearest first."""
        found = list(self.skeleton.children[joint])
        for child in found:
            found += self.skeleton.children[child]
        return found

    def meeting(self, joints: Iterable[int]) -> int:
        """The lowest joint that is above all of ``joints``, or one of them."""
        first, *others = joints
        shared = [set(self.path(joint)) for joint in others]
        return next(joint for joint in self.path(first) if all(joint in path for path in shared))
