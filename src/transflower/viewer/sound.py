"""The song as the page holds it: MP3 after a marker that tells where it starts, and its waveform.

Decoders differ in how much of the encoder's delay they cut off. So a short rising tone, the sync marker, stands before
the song; the page finds it in whatever its browser has decoded and counts from there (``web/src/marker.ts``).

Shape letters: N samples, K stretches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from transflower.audio.audio import Audio
from transflower.audio.mp3 import mp3_bytes
from transflower.core.progress import progress
from transflower.render.soundtrack import AUDIO_RATE, soundtrack

MARKER_SECONDS = 0.04
_LOWEST, _HIGHEST = 500.0, 4500.0
"""Hertz at the start and at the end of the marker."""
_BEFORE, _AFTER = 0.05, 0.1
"""Seconds of silence before the marker and after it."""
_LEVEL = 0.5
_STRETCHES = 2400
"""Of the waveform: more than a screen has bars."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PageSound:
    """A song in the page."""

    content: bytes
    """An MP3 file."""
    lead: float
    """Seconds from the middle of the marker to the first sample of the song."""
    waveform: UInt8[np.ndarray, " K"]
    """Loudness of equal stretches, the loudest being 255."""


def encode_sound(sound: Audio | Path | str, seconds: float) -> PageSound:
    """The first ``seconds`` of a song; silence where it ends earlier.

    Raises:
        FormatError: the file cannot be read.
    """
    num_samples = round(seconds * AUDIO_RATE)
    levels = _Levels(num_samples)
    pieces = levels.noted(soundtrack(sound, num_samples))
    total = -(-num_samples // (10 * AUDIO_RATE))
    content = mp3_bytes(_after_marker(progress(pieces, label="sound", total=total)), AUDIO_RATE)
    return PageSound(content=content, lead=_AFTER + MARKER_SECONDS / 2, waveform=levels.bars())


def marker_samples(rate: int) -> Float32[np.ndarray, " N"]:
    """The sync marker at full scale."""
    count = round(MARKER_SECONDS * rate)
    seconds = np.arange(count) / rate
    window = np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2
    sweep = (_HIGHEST - _LOWEST) / MARKER_SECONDS
    return np.asarray(window * np.sin(2 * np.pi * (_LOWEST * seconds + sweep / 2 * seconds**2)), np.float32)


def _after_marker(pieces: Iterable[np.ndarray]) -> Iterator[Float32[np.ndarray, "N 2"]]:
    silence = [np.zeros(round(part * AUDIO_RATE), np.float32) for part in (_BEFORE, _AFTER)]
    lead = np.concatenate([silence[0], _LEVEL * marker_samples(AUDIO_RATE), silence[1]])
    yield np.stack([lead, lead], axis=1)
    yield from pieces


class _Levels:
    """Adds up the power of equal stretches of sound that passes in pieces."""

    def __init__(self, num_samples: int) -> None:
        self._stretch = max(1, -(-num_samples // _STRETCHES))
        self._power = np.zeros(max(1, -(-num_samples // self._stretch)))
        self._start = 0

    def noted(self, pieces: Iterable[np.ndarray]) -> Iterator[Float32[np.ndarray, "N 2"]]:
        """The pieces as they are."""
        for piece in pieces:
            places = (self._start + np.arange(len(piece))) // self._stretch
            power = (piece.astype(np.float64) ** 2).mean(axis=1)
            self._power += np.bincount(places, power, minlength=len(self._power))
            self._start += len(piece)
            yield piece

    def bars(self) -> UInt8[np.ndarray, " K"]:
        loudness = np.sqrt(self._power)
        return np.round(255 * loudness / max(float(loudness.max()), 1e-9)).astype(np.uint8)
