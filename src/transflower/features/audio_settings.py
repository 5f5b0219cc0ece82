"""What audio features are made of."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from transflower.core.errors import OptionsError

# Features may need this much sound after their own time, and no more (live latency): half a window of the spectrum.
_LONGEST_LOOK_AHEAD = 0.08


@dataclass(frozen=True, kw_only=True)
class AudioSettings:
    """Log-mel spectrum, onset strength and beat activation at the frame rate of the motion."""

    fps: float = 30.0
    """Frames per second."""
    sample_rate: int = 24000
    """Samples per second at which the sound is analysed; nothing above half of it is heard."""
    mels: int = 80
    """Bands of the mel spectrum, from 30 Hz to half the sample rate."""
    n_fft: int = 2048
    """Samples in a window of the mel spectrum."""
    reading: Literal["whole", "causal"] = "whole"
    """What the beat is read from: the whole song, or as on a stage, no sound that comes later."""
    tracker: ClassVar[Literal["filter", "combs"]] = "filter"
    """How beats are found."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fps) and 10 <= self.fps <= 1000):
            raise OptionsError(f"fps of audio features must be 10 to 1000, got {self.fps}")
        if not 8000 <= self.sample_rate <= 192000:
            raise OptionsError(f"sample_rate must be 8000 to 192000, got {self.sample_rate}")
        if self.n_fft < 16 or self.n_fft % 2:
            raise OptionsError(f"n_fft must be even and at least 16, got {self.n_fft}")
        if not 1 <= self.mels <= self.n_fft // 2:
            raise OptionsError(f"mels must be 1 to {self.n_fft // 2}, half of n_fft, got {self.mels}")
        longest = int(2 * _LONGEST_LOOK_AHEAD * self.sample_rate)
        if self.n_fft > longest:
            raise OptionsError(
                f"n_fft {self.n_fft} needs too much lookahead; at {self.sample_rate} Hz use at most {longest}"
            )

    def to_dict(self) -> dict[str, Any]:
        """As a sidecar holds them; ``settings_from_dict`` is the inverse."""
        return asdict(self) | {"tracker": self.tracker}


class CombSettings(AudioSettings):
    """Settings of the features that version 0.1 extracted, for models that learnt from them."""

    tracker = "combs"

    def to_dict(self) -> dict[str, Any]:
        """As the sidecars of version 0.1 hold them."""
        return {name: value for name, value in asdict(self).items() if name != "reading"}


def settings_from_dict(tree: Mapping[str, Any]) -> AudioSettings:
    """The settings of a sidecar.

    Raises:
        OptionsError: a value is out of range or no number, or a key is unknown.
    """
    values = dict(tree)
    # Version 0.1 had one tracker, so its sidecars name none.
    kind = AudioSettings if values.pop("tracker", "combs") == "filter" else CombSettings
    try:
        return kind(**values)
    except TypeError as error:  # Of a file that somebody has written.
        reason = str(error).rpartition("() ")[2]
        raise OptionsError(f"they are not those of audio features: {reason}") from error
