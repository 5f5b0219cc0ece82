"""Examples to learn from: what the network is given of a sound, and where its beats are.

Shape letters: N samples, F frames, I input channels, K beats.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float16, Float32

from transflower.core.files import atomic_path
from transflower.features.audio.beat_activations import SAMPLE_RATE, BeatActivations, beat_inputs, beat_spectra

_HOP = SAMPLE_RATE // BeatActivations.RATE
_PIECE = 2000
_BESIDE = 0.5
"""The target of the frames before and after that of a beat."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """A sound as the network hears it."""

    inputs: Float16[np.ndarray, "F I"]
    targets: Float16[np.ndarray, "F 2"]
    """Beat, downbeat."""
    is_known: Bool[np.ndarray, "2"]
    """Whether the beats, and which are downbeats, are known."""

    def save(self, path: Path) -> None:
        """Write it as an NPZ file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, inputs=self.inputs, targets=self.targets, is_known=self.is_known)


def load_example(path: Path) -> Example:
    """Read what was saved."""
    with np.load(path) as arrays:
        return Example(**{name: arrays[name] for name in ("inputs", "targets", "is_known")})


def make_example(
    sound: Float32[np.ndarray, " N"],
    beats: Float[np.ndarray, "K"],
    is_downbeat: Bool[np.ndarray, "K"],
    *,
    knows_downbeats: bool = True,
) -> Example:
    """An example of a sound with its beats in seconds; without beats, it has none."""
    inputs = np.concatenate(list(_inputs(sound))).astype(np.float16)
    targets = np.zeros((len(inputs), 2), np.float16)
    for column, times in enumerate((beats, beats[is_downbeat])):
        frames = np.rint(times * BeatActivations.RATE).astype(int)
        for offset, value in ((-1, _BESIDE), (1, _BESIDE), (0, 1.0)):
            at = frames + offset
            targets[at[(at >= 0) & (at < len(targets))], column] = value
    return Example(inputs=inputs, targets=targets, is_known=np.array([True, knows_downbeats]))


def _inputs(sound: Float32[np.ndarray, " N"]) -> Iterator[Float32[np.ndarray, "F I"]]:
    """The network's inputs, whose first is centred on the first sample."""
    spectra = beat_spectra()
    reach = max(spectrum.window for spectrum in spectra) // 2
    padded = np.pad(sound, (reach, reach + 1))
    frames = np.arange(len(sound) // _HOP)
    for start in range(0, len(frames), _PIECE):
        yield beat_inputs(spectra, padded, frames[start : start + _PIECE] * _HOP + reach)
