"""Which files are kept of dances."""

from dataclasses import dataclass, field

from transflower.core.errors import OptionsError
from transflower.formats.writing import MotionWriter

FEATURES, VIDEO_FILE, PAGE = _OTHERS = "npy", "mp4", "html"
"""Formats of files that hold no motion which other programs could read."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which files shall be written.

    Raises:
        OptionsError: no file is wanted, or there is no such format.
    """

    formats: tuple[str, ...] = ("bvh", "mp4")
    """Of the files of each dancer: motion (``bvh``, ``glb``, ...), features (``npy``), video (``mp4``); and ``html``, a
    page of all."""
    motion: MotionWriter = field(default_factory=MotionWriter)
    """How motion is written, and on whose skeleton."""
    together: bool = False
    """A video of all dancers side by side."""
    beat_picture: bool = False
    """A picture of the beats over the waveform, and of the dips of the hips, for each dancer."""
    foot_lock: bool = True
    """Feet that do not slide while they stand, in all files but features."""

    def __post_init__(self) -> None:
        for name in self.formats:
            self.motion.check_format(name, _OTHERS)
        if self.motion.bvh_preset is not None and "bvh" not in self.formats:
            raise OptionsError("--bvh_preset says how BVH files are written; add bvh to --format")
        if not (self.formats or self.needs_motion):
            raise OptionsError(
                f"nothing would be written; name formats by --format: {', '.join([*self.motion.formats, *_OTHERS])}"
            )

    @property
    def motion_formats(self) -> tuple[str, ...]:
        """Formats of motion files."""
        return tuple(name for name in self.formats if name in self.motion.formats)

    @property
    def features(self) -> bool:
        """Arrays and their sidecar."""
        return FEATURES in self.formats

    @property
    def video(self) -> bool:
        """A video of each dancer."""
        return VIDEO_FILE in self.formats

    @property
    def page(self) -> bool:
        """A page with all dancers."""
        return PAGE in self.formats

    @property
    def needs_motion(self) -> bool:
        """Whether features alone will not do."""
        return bool(self.motion_formats) or self.page or self.is_rendered or self.beat_picture

    @property
    def is_rendered(self) -> bool:
        """Whether there is any video."""
        return self.video or self.together
