"""The sound of a video: stereo at the file's rate, exactly as long as the pictures, and never whole in memory.

Shape letters: N samples, C channels, K stretches.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from transflower.audio.audio import Audio
from transflower.audio.mixing import Mixer
from transflower.audio.reading import pieces_of
from transflower.audio.resampling import Resampler

AUDIO_RATE = 48000
"""Samples per second of the sound in the file."""

# Stretches in which loudness is summed up: many more than a picture has columns.
_LOUDNESS_STRETCHES = 200_000


def soundtrack(sound: Audio | Path | str, num_samples: int) -> Iterator[Float32[np.ndarray, "N 2"]]:
    """The first samples at ``AUDIO_RATE``, in pieces; where the sound ends earlier there is silence.

    Both sides of what is not stereo are its mix.

    Raises:
        FormatError: the file cannot be read.
    """
    num_left = num_samples
    for piece in _stereo(sound):
        yield piece[:num_left]
        num_left -= len(piece)
        if num_left <= 0:
            return
    while num_left > 0:
        yield np.zeros((min(num_left, AUDIO_RATE), 2), np.float32)
        num_left -= AUDIO_RATE


def loudness(pieces: Iterable[np.ndarray], num_samples: int) -> Float64[np.ndarray, " K"]:
    """Root mean square of the mean of the sides of ``pieces`` [N, 2], in equal stretches, enough for a picture."""
    stretch = max(1, num_samples // _LOUDNESS_STRETCHES)
    power = np.zeros(-(-num_samples // stretch))
    start = 0
    for piece in pieces:
        places = np.arange(start, start + len(piece)) // stretch
        if len(places):
            sums = np.bincount(places - places[0], np.abs(piece).mean(axis=1).astype(np.float64) ** 2)
            power[places[0] : places[-1] + 1] += sums
        start += len(piece)
    return np.asarray(np.sqrt(power / stretch))


def _stereo(sound: Audio | Path | str) -> Iterator[Float32[np.ndarray, "N 2"]]:
    pieces = pieces_of(sound)
    first = next(pieces)
    mixer = Mixer(first.sample_rate)
    sides = [Resampler(first.sample_rate, AUDIO_RATE) for _ in range(1 + (first.samples.shape[1] == 2))]
    yield _resampled(sides, mixer, first.samples)
    for piece in pieces:
        yield _resampled(sides, mixer, piece.samples)
    yield _resampled(sides, mixer, first.samples[:0], last=True)


def _resampled(
    sides: list[Resampler], mixer: Mixer, samples: Float32[np.ndarray, "N C"], *, last: bool = False
) -> Float32[np.ndarray, "M 2"]:
    channels = samples.T if len(sides) == 2 else [mixer.push(samples)]
    resampled = [side.push(channel, last=last) for side, channel in zip(sides, channels, strict=True)]
    return np.stack(resampled * (2 // len(sides)), axis=1)
