"""Audio features of sound as it arrives; whole files go through here too, so that both give the same numbers.

Shape letters: N samples, C channels, T rows, D columns.
"""

import math

import numpy as np
from jaxtyping import Float32

from transflower.audio.mixing import Mixer
from transflower.features.audio.beat_stream import BeatStream
from transflower.features.audio.comb_stream import CombStream
from transflower.features.audio.levels import LevelStream
from transflower.features.audio.state import Stateful, load_states, states_of
from transflower.features.audio_settings import AudioSettings

# Pieces in which long sound is worked through, to bound memory.
_PIECE_SECONDS = 10


class AudioFeatureStream:
    """Takes sound in pieces of any size and gives each row as soon as all that it depends on has arrived.

    The beat is always read causally, whatever ``settings.reading``.
    """

    def __init__(self, sample_rate: int, settings: AudioSettings) -> None:
        self._settings = settings
        self._source_rate = sample_rate
        self._mixer = Mixer(sample_rate)
        self._levels = LevelStream(sample_rate, settings)
        tracker = CombStream if settings.tracker == "combs" else BeatStream
        self._beats: CombStream | BeatStream = tracker(sample_rate, settings)
        self._level_rows = np.zeros((0, settings.mels + 1), np.float32)
        """Rows that have no beat yet."""
        self._beat_rows = np.zeros((0, len(self._beats.NAMES)), np.float32)
        """Rows that have no levels yet."""
        self._num_received = 0
        self._num_rows = 0

    def push(self, samples: Float32[np.ndarray, "N C"]) -> Float32[np.ndarray, "T D"]:
        """The rows that are complete now that ``samples`` have arrived."""
        self._num_received += len(samples)
        step = _PIECE_SECONDS * self._source_rate
        pieces = [samples[start : start + step] for start in range(0, len(samples), step)]
        rows = [self._advance(self._mixer.push(piece)) for piece in pieces]
        return np.concatenate([self._joined(0), *rows])

    def finish(self) -> Float32[np.ndarray, "T D"]:
        """The rows that were still waiting for sound, which now is known to be silence."""
        missing = count_rows(self._num_received, self._source_rate, self._settings.fps) - self._num_rows
        return self._advance(np.zeros(0, np.float32), last=True)[:missing]

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        counts = {"num_received": np.array(self._num_received), "num_rows": np.array(self._num_rows)}
        rows = {"level_rows": self._level_rows, "beat_rows": self._beat_rows}
        return states_of(self._parts()) | counts | rows

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by a stream of the same sample rate and settings."""
        load_states(self._parts(), state)
        self._num_received, self._num_rows = int(state["num_received"]), int(state["num_rows"])
        self._level_rows, self._beat_rows = np.array(state["level_rows"]), np.array(state["beat_rows"])

    def _parts(self) -> dict[str, Stateful]:
        return {"mixer": self._mixer, "levels": self._levels, "beats": self._beats}

    def _advance(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, "T D"]:
        self._level_rows = np.concatenate([self._level_rows, self._levels.push(sound, last=last)])
        self._beat_rows = np.concatenate([self._beat_rows, self._beats.push(sound, last=last)])
        return self._joined(min(len(self._level_rows), len(self._beat_rows)))

    def _joined(self, count: int) -> Float32[np.ndarray, "T D"]:
        """The first waiting rows, of both parts."""
        rows = np.column_stack([self._level_rows[:count], self._beat_rows[:count]])
        self._level_rows, self._beat_rows = self._level_rows[count:], self._beat_rows[count:]
        self._num_rows += count
        return rows


def count_rows(num_samples: int, sample_rate: int, fps: float) -> int:
    """Rows of a recording: one for every frame of which a part has sound."""
    return math.ceil(num_samples / sample_rate * fps - 1e-6)
