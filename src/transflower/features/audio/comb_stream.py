"""The rows of ``combs``, of sound as it arrives.

Shape letters: N samples, T rows.
"""

import math

import numpy as np
from jaxtyping import Float32, Int

from transflower.audio.resampling import Resampler
from transflower.features.audio.buffer import SlidingBuffer
from transflower.features.audio.combs import beat_tracker
from transflower.features.audio.onsets import OnsetEnvelope
from transflower.features.audio.state import Stateful, load_states, states_of
from transflower.features.audio_settings import AudioSettings


class CombStream:
    """Beat activation, and cosine and sine of the phase."""

    NAMES = ("beat", "beat_cos", "beat_sin")

    def __init__(self, sample_rate: int, settings: AudioSettings) -> None:
        self._fps = settings.fps
        self._sample_rate = settings.sample_rate
        self._resampler = Resampler(sample_rate, settings.sample_rate)
        self._onsets = OnsetEnvelope(settings.sample_rate)
        self._combs = beat_tracker(self._onsets.rate)
        first_entry = -(self._onsets.samples_after // self._onsets.hop)
        silence = self._onsets.samples_before - first_entry * self._onsets.hop
        self._sound = SlidingBuffer(start=-silence, silence=silence)
        self._envelope = SlidingBuffer(start=first_entry - self._combs.length, silence=self._combs.length)
        self._num_rows = 0

    def push(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, "T 3"]:
        """The rows that are complete now that ``sound`` has arrived; after the ``last``, a second of silence."""
        self._sound.append(self._resampler.push(sound, last=last))
        if last:
            self._sound.append(np.zeros(self._sample_rate, np.float32))
        unread = self._sound.since(self._next_entry_start)
        if len(unread) >= self._onsets.samples_before + self._onsets.samples_after:
            self._envelope.append(self._onsets.strength(unread))
        self._sound.forget(self._next_entry_start)
        stops = self._complete_stops()
        if len(stops) == 0:
            return np.zeros((0, len(self.NAMES)), np.float32)
        envelope = self._envelope.since(int(stops[0]) - self._combs.length)
        pieces = np.lib.stride_tricks.sliding_window_view(envelope, self._combs.length)
        rows = self._combs.track(pieces[stops - stops[0]])
        self._num_rows += len(rows)
        self._envelope.forget(int(self._stops(np.array([self._num_rows]))[0]) - self._combs.length)
        return rows.astype(np.float32)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return states_of(self._parts()) | {"num_rows": np.array(self._num_rows)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by a stream of the same settings."""
        load_states(self._parts(), state)
        self._num_rows = int(state["num_rows"])

    def _parts(self) -> dict[str, Stateful]:
        return {"resampler": self._resampler, "sound": self._sound, "envelope": self._envelope}

    @property
    def _next_entry_start(self) -> int:
        """First sample on which the next entry of the envelope depends."""
        return self._envelope.stop * self._onsets.hop - self._onsets.samples_before

    def _complete_stops(self) -> Int[np.ndarray, " T"]:
        """Ends of the pieces of envelope of the rows that can be given now."""
        most = math.ceil(self._envelope.stop / self._onsets.rate * self._fps) + 1
        stops = self._stops(np.arange(self._num_rows, max(most, self._num_rows)))
        return stops[stops <= self._envelope.stop]

    def _stops(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        """Entries after those that ``rows`` depend on."""
        return np.rint(rows / self._fps * self._onsets.rate).astype(int) + self._combs.ahead + 1
