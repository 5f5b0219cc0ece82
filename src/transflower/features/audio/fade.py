"""Sound without a beat, heard as silence: for models that have learnt from nothing but music.

Applause, noise or a distorted guitar is unlike all that such a model has heard, and so is what it does then. What it
does in silence, it has learnt.

Shape letters: n frames, D columns.
"""

import numpy as np
from jaxtyping import Float32

from transflower.features.audio.beat_stream import NAMES as BEAT_NAMES
from transflower.features.audio.extract import names, silence
from transflower.features.audio_settings import AudioSettings

_UNSURE, _SURE = 0.1, 0.3
"""Below the first nothing is heard, above the second all. Noise and applause have 0 to 0.15, songs 0.5 to 1."""
_SECONDS = 1.0
"""Over which the sound fades."""


class BeatFade:
    """Fades features that arrive in pieces; the columns of the beat stay, which say how sure it is.

    Any cutting into pieces gives the same frames.
    """

    def __init__(self, settings: AudioSettings) -> None:
        """Begin."""
        columns = names(settings)
        self._sure = columns.index("beat_sure")
        self._fading = np.array([name not in BEAT_NAMES for name in columns])
        self._silence = silence(settings)
        self._length = max(1, round(_SECONDS * settings.fps))
        self._before = np.zeros(0)
        """How loud the latest frames were."""

    def push(self, rows: Float32[np.ndarray, "n D"]) -> Float32[np.ndarray, "n D"]:
        """The next frames."""
        if not len(rows):
            return rows
        levels = np.clip((rows[:, self._sure].astype(float) - _UNSURE) / (_SURE - _UNSURE), 0, 1)
        if not len(self._before):
            self._before = np.repeat(levels[0], self._length - 1)
        known = np.concatenate([self._before, levels])
        self._before = known[len(known) - self._length + 1 :]
        loudness = np.lib.stride_tricks.sliding_window_view(known, self._length).mean(axis=1)
        faded = self._silence + (rows - self._silence) * loudness[:, None]
        return np.where(self._fading & (loudness[:, None] < 1), faded, rows).astype(np.float32)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return {"before": self._before}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        self._before = state["before"]
