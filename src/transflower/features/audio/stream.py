"""Audio features of sound as it arrives; whole files go through here too, so that both give the same numbers.

Time has three grids: samples at ``settings.sample_rate``, the onset envelope at about 120 Hz, and rows at ``fps``.
Number 0 of each is at 0 s. Before 0 s and after the end there is digital silence.

Shape letters: N samples, C channels, T rows, D columns, M mel bands.
"""

import math

import numpy as np
from jaxtyping import Float, Float32, Int

from transflower.audio.mixing import Mixer
from transflower.audio.resampling import Resampler
from transflower.features.audio.beats import beat_tracker
from transflower.features.audio.buffer import SlidingBuffer
from transflower.features.audio.onsets import OnsetEnvelope
from transflower.features.audio.spectrum import MelSpectrum, decibels
from transflower.features.audio_settings import AudioSettings

# Power below which a band counts as silent: -80 dB, which hides what encoders and dither leave.
_SILENT_POWER = 1e-8
# Onset strength below which nothing is heard; the column is in decibels above it.
_SILENT_ONSET = 1e-3
# After the mel bands: onset strength, beat activation, cosine and sine of the beat's phase.
_NUM_RHYTHM_COLUMNS = 4
# Pieces in which long sound is worked through, to bound memory.
_PIECE_SECONDS = 10


class AudioFeatureStream:
    """Takes sound in pieces of any size and gives each row as soon as all that it depends on has arrived."""

    def __init__(self, sample_rate: int, settings: AudioSettings) -> None:
        self._settings = settings
        self._source_rate = sample_rate
        self._mixer = Mixer(sample_rate)
        self._resampler = Resampler(sample_rate, settings.sample_rate)
        self._mel = MelSpectrum(sample_rate=settings.sample_rate, window=settings.n_fft, bands=settings.mels)
        self._onsets = OnsetEnvelope(settings.sample_rate)
        self._beats = beat_tracker(self._onsets.rate)

        # The first entry of the envelope that hears anything, though its centre lies before 0 s.
        first_entry = -(self._onsets.samples_after // self._onsets.hop)
        silence = max(settings.n_fft // 2, self._onsets.samples_before - first_entry * self._onsets.hop)
        self._sound = SlidingBuffer(start=-silence, silence=silence)
        self._envelope = SlidingBuffer(start=first_entry - self._beats.length, silence=self._beats.length)
        self._num_received = 0
        self._num_rows = 0

    def push(self, samples: Float32[np.ndarray, "N C"]) -> Float32[np.ndarray, "T D"]:
        """The rows that are complete now that ``samples`` have arrived."""
        self._num_received += len(samples)
        step = _PIECE_SECONDS * self._source_rate
        pieces = [samples[start : start + step] for start in range(0, len(samples), step)]
        rows = [self._advance(self._resampler.push(self._mixer.push(piece))) for piece in pieces]
        return np.concatenate([self._no_rows(), *rows])

    def finish(self) -> Float32[np.ndarray, "T D"]:
        """The rows that were still waiting for sound, which now is known to be silence."""
        num_rows = count_rows(self._num_received, self._source_rate, self._settings.fps)
        tail = self._resampler.push(np.zeros(0, np.float32), last=True)
        rows = self._advance(np.concatenate([tail, np.zeros(self._settings.sample_rate, np.float32)]))
        return rows[: len(rows) - self._num_rows + num_rows]

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        state = {
            f"{name}.{key}": value for name, part in self._parts().items() for key, value in part.state_dict().items()
        }
        return state | {"num_received": np.array(self._num_received), "num_rows": np.array(self._num_rows)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by a stream of the same sample rate and settings."""
        for name, part in self._parts().items():
            prefix = f"{name}."
            part.load_state_dict(
                {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
            )
        self._num_received, self._num_rows = int(state["num_received"]), int(state["num_rows"])

    def _parts(self) -> dict[str, Mixer | Resampler | SlidingBuffer]:
        return {
            "mixer": self._mixer,
            "resampler": self._resampler,
            "sound": self._sound,
            "envelope": self._envelope,
        }

    def _no_rows(self) -> Float32[np.ndarray, "T D"]:
        return np.zeros((0, self._settings.mels + _NUM_RHYTHM_COLUMNS), np.float32)

    def _advance(self, sound: Float32[np.ndarray, " N"]) -> Float32[np.ndarray, "T D"]:
        self._sound.append(sound)
        self._extend_envelope()
        numbers = self._complete_rows()
        if len(numbers) == 0:
            return self._no_rows()
        mels = decibels(self._mel_power(numbers), floor=_SILENT_POWER)
        onsets = decibels(self._strongest_onsets(numbers) / _SILENT_ONSET, floor=1.0)
        rows = np.column_stack([mels, onsets, self._track_beats(numbers)]).astype(np.float32)
        self._num_rows += len(numbers)
        self._forget()
        return rows

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
        needed = np.maximum(self._first_entries(numbers + 1), self._entries(numbers) + self._beats.ahead + 1)
        return numbers[is_heard & (needed <= self._envelope.stop)]

    def _forget(self) -> None:
        """Drop what neither the next row nor the next entry of the envelope needs."""
        following = np.array([self._num_rows])
        window_start = int(self._centres(following)[0]) - self._settings.n_fft // 2
        self._sound.forget(min(window_start, self._next_entry_start))
        memory_start = int(self._entries(following)[0]) + self._beats.ahead + 1 - self._beats.length
        self._envelope.forget(min(memory_start, int(self._first_entries(following)[0])))

    @property
    def _next_entry_start(self) -> int:
        """First sample on which the next entry of the envelope depends."""
        return self._envelope.stop * self._onsets.hop - self._onsets.samples_before

    def _centres(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        return np.rint(rows / self._settings.fps * self._settings.sample_rate).astype(int)

    def _entries(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        """Entries of the envelope nearest to the centres of ``rows``."""
        return np.rint(rows / self._settings.fps * self._onsets.rate).astype(int)

    def _first_entries(self, rows: Int[np.ndarray, " T"]) -> Int[np.ndarray, " T"]:
        """First entries of the envelope that belong to ``rows``: from half a frame before their centres."""
        # Half a frame is often a whole number of entries, which rounding must not turn into one more.
        return np.ceil((rows - 0.5) / self._settings.fps * self._onsets.rate - 1e-6).astype(int)

    def _mel_power(self, rows: Int[np.ndarray, " T"]) -> Float32[np.ndarray, "T M"]:
        start = self._sound.start
        return self._mel.power(self._sound.since(start), self._centres(rows) - start)

    def _strongest_onsets(self, rows: Int[np.ndarray, " T"]) -> Float32[np.ndarray, " T"]:
        firsts = self._first_entries(np.append(rows, rows[-1] + 1))
        envelope = self._envelope.since(int(firsts[0]))
        # Where rows are denser than entries, reduceat gives the entry at the row's start.
        return np.maximum.reduceat(np.pad(envelope, (0, 1)), firsts - firsts[0])[:-1]

    def _track_beats(self, rows: Int[np.ndarray, " T"]) -> Float[np.ndarray, "T 3"]:
        stops = self._entries(rows) + self._beats.ahead + 1
        envelope = self._envelope.since(int(stops[0]) - self._beats.length)
        pieces = np.lib.stride_tricks.sliding_window_view(envelope, self._beats.length)
        return self._beats.track(pieces[stops - stops[0]])


def count_rows(num_samples: int, sample_rate: int, fps: float) -> int:
    """Rows of a recording: one for every frame of which a part has sound."""
    return math.ceil(num_samples / sample_rate * fps - 1e-6)
