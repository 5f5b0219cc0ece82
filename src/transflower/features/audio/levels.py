"""How loud each band is, and how much louder the bands have just become, in rows at the frame rate.

Time has three grids: samples, the onset envelope at about 120 Hz, and rows. Number 0 of each is at 0 s. Before 0 s and
after the end there is digital silence.

Shape letters: N samples, T rows, D columns, M mel bands.
"""

import math

import numpy as np
from jaxtyping import Float32, Int

from transflower.audio.resampling import Resampler
from transflower.features.audio.buffer import SlidingBuffer
from transflower.features.audio.onsets import OnsetEnvelope
from transflower.features.audio.spectrum import MelSpectrum, decibels
from transflower.features.audio.state import Stateful, load_states, states_of
from transflower.features.audio_settings import AudioSettings

# Power below which a band counts as silent: -80 dB, which hides what encoders and dither leave.
_SILENT_POWER = 1e-8
# Onset strength below which nothing is heard; the column is in decibels above it.
_SILENT_ONSET = 1e-3


class LevelStream:
    """Levels of the mel bands and onset strength, in decibels, of sound as it arrives."""

    def __init__(self, sample_rate: int, settings: AudioSettings) -> None:
        self._settings = settings
        self._resampler = Resampler(sample_rate, settings.sample_rate)
        self._mel = MelSpectrum(sample_rate=settings.sample_rate, window=settings.n_fft, bands=settings.mels)
        self._onsets = OnsetEnvelope(settings.sample_rate)
        # The first entry of the envelope that hears anything, though its centre lies before 0 s.
        first_entry = -(self._onsets.samples_after // self._onsets.hop)
        silence = max(settings.n_fft // 2, self._onsets.samples_before - first_entry * self._onsets.hop)
        self._sound = SlidingBuffer(start=-silence, silence=silence)
        self._envelope = SlidingBuffer(start=first_entry, silence=0)
        self._num_rows = 0

    def push(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, "T D"]:
        """The rows that are complete now that ``sound`` has arrived; after the ``last``, a second of silence."""
        self._sound.append(self._resampler.push(sound, last=last))
        if last:
            self._sound.append(np.zeros(self._settings.sample_rate, np.float32))
        self._extend_envelope()
        numbers = self._complete_rows()
        if len(numbers) == 0:
            return np.zeros((0, self._settings.mels + 1), np.float32)
        mels = decibels(self._mel_power(numbers), floor=_SILENT_POWER)
        onsets = decibels(self._strongest_onsets(numbers) / _SILENT_ONSET, floor=1.0)
        self._num_rows += len(numbers)
        self._forget()
        return np.column_stack([mels, onsets]).astype(np.float32)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return states_of(self._parts()) | {"num_rows": np.array(self._num_rows)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by a stream of the same settings."""
        load_states(self._parts(), state)
        self._num_rows = int(state["num_rows"])

    def _parts(self) -> dict[str, Stateful]:
        return {"resampler": self._resampler, "sound": self._sound, "envelope": self._envelope}

    def _extend_envelope(self) -> None:
        sound = self._sound.since(self._next_entry_start)
        if len(sound) >= self._onsets.samples_before + self._onsets.samples_after:
            self._envelope.append(self._onsets.strength(sound))

    def _complete_rows(self) -> Int[np.ndarray, " T"]:
        """Numbers of the rows that can be given now."""
        settings = self._settings
        most = math.ceil(self._sound.stop / settings.sample_rate * settings.fps) + 1
        numbers = np.arange(self._num_rows, max(most, self._num_rows))
        is_heard = self._centres(numbers) + settings.n_fft // 2 <= self._sound.stop
        return numbers[is_heard & (self._first_entries(numbers + 1) <= self._envelope.stop)]

    def _forget(self) -> None:
        """Drop what neither the next row nor the next entry of the envelope needs."""
        following = np.array([self._num_rows])
        window_start = int(self._centres(following)[0]) - self._settings.n_fft // 2
        self._sound.forget(min(window_start, self._next_entry_start))
        self._envelope.forget(int(self._first_entries(following)[0]))

    @property
    def _next_entry_start(self) -> int:
        """First sample on which the next entry of the envelope depends."""
        return self._envelope.stop * self._onsets.hop - self._onsets.samples_before

    def _centres(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        return np.rint(rows / self._settings.fps * self._settings.sample_rate).astype(int)

    def _first_entries(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        """First entries of the envelope that belong to ``rows``: from half a frame before their centres."""
        # Half a frame is often a whole number of entries, which rounding must not turn into one more.
        first = np.ceil((rows - 0.5) / self._settings.fps * self._onsets.rate - 1e-6).astype(int)
        return np.maximum(first, -(self._onsets.samples_after // self._onsets.hop))

    def _mel_power(self, rows: Int[np.ndarray, " T"]) -> Float32[np.ndarray, "T M"]:
        start = self._sound.start
        return self._mel.power(self._sound.since(start), self._centres(rows) - start)

    def _strongest_onsets(self, rows: Int[np.ndarray, " T"]) -> Float32[np.ndarray, " T"]:
        firsts = self._first_entries(np.append(rows, rows[-1] + 1))
        envelope = self._envelope.since(int(firsts[0]))
        # Where rows are denser than entries, reduceat gives the entry at the row's start.
        return np.maximum.reduceat(np.pad(envelope, (0, 1)), firsts - firsts[0])[:-1]
