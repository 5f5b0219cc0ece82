"""Audio features of a whole recording.

Shape letters: N samples, C channels, T rows, D columns, K beats.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from transflower.audio.audio import Audio
from transflower.audio.mixing import Mixer
from transflower.audio.reading import pieces_of
from transflower.features.audio.beat_observations import BeatObservations
from transflower.features.audio.beat_stream import BeatStream, whole_song_rows
from transflower.features.audio.comb_stream import CombStream
from transflower.features.audio.known_beats import known_beat_rows
from transflower.features.audio.levels import LevelStream
from transflower.features.audio.stream import AudioFeatureStream, count_rows
from transflower.features.audio_settings import AudioSettings


def extract(
    sound: Audio | Path | str, settings: AudioSettings, *, beats: Float[np.ndarray, " K"] | None = None
) -> Float32[np.ndarray, "T D"]:
    """Mel levels in decibels, onset strength, and the beat: activation, cosine and sine of the hand, how sure it is.

    Row k is centred on k / fps seconds, T = ceil(seconds * fps). Levels, onsets and the causal reading of the beat
    depend on no sound after ``k / fps + 0.1`` seconds; ``settings.reading`` "whole" reads the beat off the whole
    song. A file is read in pieces.

    Args:
        sound: a recording, or its file.
        settings: what features are made of.
        beats: ascending seconds, where they are known: at least two. The hand then follows them exactly.

    Raises:
        FormatError: the file cannot be read whole.
    """
    return extract_pieces(pieces_of(sound), settings, beats=beats)


def extract_pieces(
    pieces: Iterable[Audio], settings: AudioSettings, *, beats: Float[np.ndarray, " K"] | None = None
) -> Float32[np.ndarray, "T D"]:
    """As ``extract``, of a recording in pieces of one sample rate; there is one piece at least."""
    reader: _SongReader | AudioFeatureStream | None = None
    rows = []
    for piece in pieces:
        if reader is None:
            is_causal = settings.tracker == "combs" or settings.reading == "causal"
            if is_causal and beats is None:
                reader = AudioFeatureStream(piece.sample_rate, settings)
            else:
                reader = _SongReader(piece.sample_rate, settings, beats)
        rows.append(reader.push(piece.samples))
    assert reader is not None, "sound has one piece at least"
    if isinstance(reader, AudioFeatureStream):
        return np.concatenate([*rows, reader.finish()])
    levels = np.concatenate([*rows, reader.finish()])
    beat_rows = reader.beat_rows()
    return np.column_stack([levels, beat_rows[:, : len(names(settings)) - levels.shape[1]]])


def names(settings: AudioSettings) -> tuple[str, ...]:
    """What each column holds."""
    beat = CombStream.NAMES if settings.tracker == "combs" else BeatStream.NAMES
    return (*(f"mel_{band:02d}" for band in range(settings.mels)), "onset", *beat)


def silence(settings: AudioSettings) -> Float32[np.ndarray, " D"]:
    """The row of no sound."""
    quiet = LevelStream(settings.sample_rate, settings).push(np.zeros(1, np.float32), last=True)[0]
    return np.pad(quiet, (0, len(names(settings)) - len(quiet)))


def sidecar(settings: AudioSettings) -> dict[str, Any]:
    """The sidecar of such features, as JSON holds it."""
    return {
        "kind": "audio",
        "fps": settings.fps,
        "settings": settings.to_dict(),
        "names": list(names(settings)),
        "silence": silence(settings).tolist(),
    }


class _SongReader:
    """Levels as sound arrives, and what is heard of beats, where they are not known; the beat is read at the end."""

    def __init__(self, sample_rate: int, settings: AudioSettings, beats: Float[np.ndarray, " K"] | None) -> None:
        self._sample_rate, self._fps = sample_rate, settings.fps
        self._mixer = Mixer(sample_rate)
        self._levels = LevelStream(sample_rate, settings)
        self._beats = beats
        self._observations = BeatObservations(sample_rate)
        self._observed: list[np.ndarray] = []
        self._num_samples = self._num_rows = 0

    def push(self, samples: Float32[np.ndarray, "N C"]) -> Float32[np.ndarray, "T D"]:
        """The levels that are complete now that ``samples`` have arrived."""
        self._num_samples += len(samples)
        return self._advance(self._mixer.push(samples))

    def finish(self) -> Float32[np.ndarray, "T D"]:
        """The levels that were still waiting for sound."""
        missing = self._count - self._num_rows
        return self._advance(np.zeros(0, np.float32), last=True)[:missing]

    def beat_rows(self) -> Float32[np.ndarray, "T 4"]:
        """The beat of the whole song."""
        if self._beats is not None:
            return known_beat_rows(self._beats, num_rows=self._count, fps=self._fps)
        return whole_song_rows(np.concatenate(self._observed), num_rows=self._count, fps=self._fps)

    @property
    def _count(self) -> int:
        return count_rows(self._num_samples, self._sample_rate, self._fps)

    def _advance(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float32[np.ndarray, "T D"]:
        if self._beats is None:
            self._observed.append(self._observations.push(sound, last=last))
        rows = self._levels.push(sound, last=last)
        self._num_rows += len(rows)
        return rows
