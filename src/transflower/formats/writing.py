"""Motion into a file: of a format, or of a character that keeps its mesh."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.formats.bvh.presets import PRESETS, apply_preset
from transflower.formats.character import Character
from transflower.formats.format import Format
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, find_format
from transflower.motion.clip import Clip


@dataclass(frozen=True, kw_only=True)
class MotionWriter:
    """Writes motion, perhaps on the skeleton of a character.

    Raises:
        OptionsError: there is no such preset.
    """

    character: Character | None = None
    """On whose skeleton the motion is put."""
    bvh_preset: str | None = None
    """The program whose units, axes and names of joints BVH files have."""

    def __post_init__(self) -> None:
        if self.bvh_preset is not None and self.bvh_preset not in PRESETS:
            raise OptionsError(f"there is no BVH preset {self.bvh_preset!r}; there are: {', '.join(PRESETS)}")
        if self.bvh_preset is not None and self.character is not None and ".bvh" in self.character.suffixes:
            raise OptionsError(f"{self.character.path} says how its BVH is written; leave out the preset")

    @property
    def formats(self) -> dict[str, str]:
        """Names of the formats that can be written, and what their files end with."""
        found = {name: known.suffixes[0] for name, known in FORMATS.items() if known.write}
        own = self.character.suffixes if self.character else ()
        return found | {suffix.removeprefix("."): suffix for suffix in own}

    def check_format(self, name: str, others: Sequence[str]) -> None:
        """Refuse a format that can neither be written nor is among ``others``.

        Raises:
            OptionsError: with the names that there are.
        """
        known = [*self.formats, *others]
        if name in known:
            return
        if name == "vrm":
            raise OptionsError("a .vrm file is a character with a dance inside: name the character by --onto")
        near = get_close_matches(name, known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise OptionsError(f"--format: there is no format {name!r}{hint}; there are: {', '.join(known)}")

    def can_write(self, path: Path) -> bool:
        """Whether files of such a name hold motion that can be written."""
        return self._is_own(path) or _writable(path) is not None

    def put(self, clip: Clip) -> Clip:
        """The motion on the skeleton on which it is written.

        Raises:
            DataError: its own skeleton lacks what a body needs.
        """
        return clip if self.character is None else self.character.put(clip)

    def write(self, path: Path, recording: Recording, *, name: str) -> None:
        """Write a file, whole or not at all; its name is of a format that can be written.

        Args:
            path: the file.
            recording: motion that ``put`` gave.
            name: what the animation is called, in formats that have names for them.

        Raises:
            DataError: the format cannot hold the recording.
        """
        if self.character is not None and self._is_own(path):
            self.character.write(path, recording.clip, name=name)
            return
        known = _writable(path)
        assert known is not None, "checked before"
        assert known.write is not None, "it can be written"
        if known.name == "bvh" and self.bvh_preset is not None:
            recording = apply_preset(recording, self.bvh_preset)
        known.write(path, recording)

    def model(self, clip: Clip) -> bytes | None:
        """The character with its mesh and motion that ``put`` gave alone, as a GLB file; None where it has no mesh."""
        show = self.character.show_clip if self.character else None
        return None if show is None else show(clip)

    def _is_own(self, path: Path) -> bool:
        """Whether the file is the character's own, with a dance in it."""
        return self.character is not None and self.character.can_write(path)


def _writable(path: Path) -> Format | None:
    known = find_format(path)
    is_written = known is not None and known.write is not None and path.name.lower().endswith(known.suffixes[0])
    return known if is_written else None
