"""Options of pictures and videos, apart from the code that draws, which takes time to import."""

from dataclasses import dataclass

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Count, NonNegative

_SMALLEST_SIDE = 64
LARGEST_SIDE = 8192
"""Pixels of a video that usual players take."""


@dataclass(frozen=True, kw_only=True)
class SceneConfig:
    """What pictures and videos look like."""

    width: int = 1280
    """Pixels; even."""
    height: int = 720
    """Pixels; even."""
    view: float = 30.0
    """Direction of the camera in degrees: 0 sees the dancer from the front, 90 from the dancer's left."""
    gap: NonNegative = 0.5
    """Free floor between dancers side by side, in metres."""
    waveform: bool = True
    """Show the waveform of the music at the bottom; a plain line without music."""
    caption: str = ""
    """A line of text at the bottom."""

    def __post_init__(self) -> None:
        if min(self.width, self.height) < _SMALLEST_SIDE or self.width % 2 or self.height % 2:
            raise OptionsError(f"pictures must be even and at least 64 x 64 pixels, got {self.width} x {self.height}")
        if max(self.width, self.height) > LARGEST_SIDE:
            raise OptionsError(f"a picture has {LARGEST_SIDE} pixels a side at most, got {self.width} x {self.height}")


SCENE = SceneConfig()
"""The usual one."""


@dataclass(frozen=True, kw_only=True)
class VideoConfig(SceneConfig):
    """A video of dancers."""

    columns: Count | None = None
    """Dancers beside each other, each in a picture of its own with its name; by default all are in one scene."""
    fps: float = 30.0
    """Pictures per second; any number."""
    quality: int = 20
    """Loss, as that of a constant rate factor of H.264: 0 is lossless, 18 looks lossless, 28 gives small files."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.fps <= 240:
            raise OptionsError(f"a video has 1 to 240 pictures per second, got {self.fps}")
        if not 0 <= self.quality <= 51:
            raise OptionsError(f"quality is 0 (lossless) to 51, got {self.quality}")

    def cells(self, dancers: int) -> tuple[int, int, int]:
        """Columns, and width and height in pixels, of pictures of one dancer each.

        Raises:
            OptionsError: they would be too small.
        """
        columns = min(self.columns or dancers, dancers)
        rows = -(-dancers // columns)
        width, height = self.width // columns // 2 * 2, self.height // rows // 2 * 2
        if min(width, height) < _SMALLEST_SIDE:
            raise OptionsError(
                f"{dancers} dancers in {columns} columns have pictures of {width} x {height} pixels, and "
                f"{_SMALLEST_SIDE} are the fewest; change --render.columns, --render.width or --render.height"
            )
        return columns, width, height


VIDEO = VideoConfig()
"""The usual one."""
