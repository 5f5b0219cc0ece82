"""A skeleton with the bones that are known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from transflower.core.errors import DataError
from transflower.motion.humanoid.bones import PARENTS, REQUIRED, spoken
from transflower.motion.skeleton import Skeleton

_MOST_TOLD = 6
"""Missing bones that a message names."""
_RENAME = "give its joints the names that Mixamo or VRM has for them"


@dataclass(frozen=True, eq=False)
class Humanoid:
    """A skeleton, and which of its joints is which bone.

    Raises:
        DataError: a joint is two bones, or a bone does not hang from the bone that it must hang from.
    """

    skeleton: Skeleton
    joints: Mapping[str, int]
    """Bone -> joint; bones that the skeleton does not have are left out."""

    def __post_init__(self) -> None:
        bone_of: dict[int, str] = {}
        for bone, joint in self.joints.items():
            if joint in bone_of:
                both = f"{spoken(bone_of[joint])} and {spoken(bone)}"
                raise DataError(f"joint {self.skeleton.names[joint]!r} cannot be {both} at once")
            bone_of[joint] = bone
        for bone, joint in self.joints.items():
            above = self.above(bone)
            if above is not None and self.joints[above] not in self.ancestors(joint):
                names = self.skeleton.names
                raise DataError(
                    f"joint {names[joint]!r} cannot be the {spoken(bone)}: it does not hang from "
                    f"{names[self.joints[above]]!r}, the {spoken(above)}"
                )

    def above(self, bone: str) -> str | None:
        """The nearest bone above ``bone`` that the skeleton has."""
        parent = PARENTS.get(bone)
        while parent is not None and parent not in self.joints:
            parent = PARENTS.get(parent)
        return parent

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Bones that the skeleton lacks and no dance can be without."""
        return tuple(bone for bone in REQUIRED if bone not in self.joints)

    def check_complete(self, what: str, *, advice: str = _RENAME) -> None:
        """Refuse a body that cannot dance.

        Args:
            what: what it is, for the message.
            advice: what the user can do, for the message.

        Raises:
            DataError: bones are missing; names them.
        """
        if self.missing:
            bones = [spoken(bone) for bone in self.missing]
            if len(bones) > _MOST_TOLD:
                bones = [*bones[: _MOST_TOLD - 1], f"{len(bones) - _MOST_TOLD + 1} bones more"]
            *others, last = bones
            told = f"{', '.join(others)} and {last}" if others else last
            raise DataError(
                f"{what} has no {told} that can be told from the names and the shape of its {self.skeleton.num_joints} "
                f"joints; {advice}"
            )

    @cached_property
    def spine(self) -> tuple[int, ...]:
        """Joints from above the hips to where the arms leave, from below; some of them may be no bone of their own."""
        last = next(self.joints[bone] for bone in ("upperChest", "chest", "spine") if bone in self.joints)
        return self.between(self.joints["hips"], last)

    @cached_property
    def neck(self) -> tuple[int, ...]:
        """Joints between the last of the spine and the head, from below."""
        return self.between(self.spine[-1], self.joints["head"])[:-1]

    def between(self, above: int, below: int) -> tuple[int, ...]:
        """Joints from ``above``, which is left out, down to ``below``."""
        path = [below]
        while (parent := self.skeleton.parents[path[-1]]) != above:
            path.append(parent)
        return tuple(reversed(path))

    def ancestors(self, joint: int) -> list[int]:
        """The joints above ``joint``, the nearest first."""
        path = []
        while (joint := self.skeleton.parents[joint]) >= 0:
            path.append(joint)
        return path
