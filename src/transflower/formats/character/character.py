"""A character."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from transflower.core.errors import DataError
from transflower.formats.bvh_layout import BvhLayout
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.retarget import Rig, read_rig, retarget


@dataclass(frozen=True, kw_only=True, eq=False)
class Character:
    """A skeleton of a user's file, and writing that file again with motion in it."""

    path: Path
    """The file."""
    rig: Rig
    """Its skeleton, of which the rest pose is the character's, and the bones of it."""
    suffixes: tuple[str, ...]
    """Ends of the names under which ``write`` writes, in lower case, the usual one first."""
    write_clip: Callable[[Path, Clip, str], None]
    """Writes the file with a clip of the skeleton, under a name."""
    show_clip: Callable[[Clip], bytes] | None = None
    """Gives a GLB file of its body with a clip of the skeleton alone; None for a character without a body."""
    faces_back: bool = False
    """Whether it faces -Z, and shall dance so."""
    layout: BvhLayout | None = None
    """How its BVH file is written; None for another kind of file."""

    def put(self, clip: Clip) -> Clip:
        """A dance on the skeleton of the character.

        Raises:
            DataError: the skeleton of the dance lacks what a body needs.
        """
        source = read_rig(clip, what="the skeleton of the dance")
        return retarget(_turned_back(clip) if self.faces_back else clip, self.rig, source=source)

    def can_write(self, path: Path) -> bool:
        """Whether ``write`` writes files of such a name; others are for the formats of motion."""
        return path.suffix.lower() in self.suffixes

    def write(self, path: Path | str, clip: Clip, *, name: str = "dance") -> None:
        """Write the character with what ``put`` gave, whole or not at all: mesh, materials and all else are kept.

        Args:
            path: where to.
            clip: the motion of its skeleton.
            name: of the animation, in formats that have names for them.

        Raises:
            DataError: another skeleton's clip, numbers that are not finite, or a name of another kind of file.
        """
        path = Path(path)
        if not self.can_write(path):
            raise DataError(f"{path}: {self.path.name} with a dance in it is a {' or '.join(self.suffixes)} file")
        if clip.skeleton.names != self.rig.skeleton.names:
            raise DataError(f"{path}: the dance has another skeleton than {self.path.name}; put it on that first")
        self.write_clip(path, clip, name)


def _turned_back(clip: Clip) -> Clip:
    """The clip turned by half about the middle of the world."""
    half = rot.from_yaw(np.array(np.pi))
    rotations = np.array(clip.rotations)
    rotations[:, 0] = rot.multiply(half, rotations[:, 0])
    return replace(
        clip, rotations=rotations, translations={**clip.translations, 0: rot.rotate(half, clip.translations[0])}
    )
