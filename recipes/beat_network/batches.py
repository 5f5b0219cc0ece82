"""Random pieces of examples, made louder, quieter, duller, brighter and noisy as they are drawn.

Spectra are mixed by adding powers. Shape letters: B batch, T frames, F frames of an example, I input channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from recipes.beat_network.examples import Example
from transflower.features.audio.beat_activations import BANDS, LATER, levels, powers

_FRAMES = 1200
_UNCOUNTED = 60
"""Frames at the start of a piece from which nothing is learned, for the network has heard too little."""
_DECIBELS = 20.0
_EQUALISER_DECIBELS, _EQUALISER_POINTS = 6.0, 5
_AFTER_SILENCE, _SILENCE_FRAMES = 0.25, 400
_NOISY = 0.5
_SIGNAL_TO_NOISE = (-3.0, 30.0)
_NOISE_ALONE = 0.06
_EMPTY = 0.02


@dataclass(frozen=True)
class Batch:
    """Pieces, what they should give, and how much each frame counts."""

    inputs: Tensor
    targets: Tensor
    counts: Tensor


class Batches:
    """Draws batches; an example is as likely as ``shares`` says."""

    def __init__(
        self, examples: Sequence[Example], shares: Sequence[float], noises: Sequence[Example], rng: np.random.Generator
    ) -> None:
        self._examples, self._noises, self._rng = examples, noises, rng
        self._chances = np.array(shares) / np.sum(shares)

    def draw(self, size: int) -> Batch:
        """A batch of ``size`` pieces."""
        pieces = [self._piece() for _ in range(size)]
        return Batch(*(torch.from_numpy(np.stack(parts)) for parts in zip(*pieces, strict=True)))

    def _piece(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = self._rng
        chance = rng.random()
        if chance < _EMPTY + _NOISE_ALONE:
            power = self._noise() if chance > _EMPTY else np.zeros((_FRAMES, self._num_bands), np.float32)
            targets, is_known = np.zeros((_FRAMES, 2), np.float32), np.ones(2, bool)
        else:
            example = self._examples[int(rng.choice(len(self._examples), p=self._chances))]
            inputs, targets = self._cut(example)
            power, is_known = powers(inputs), example.is_known
            if rng.random() < _NOISY:
                power = self._with_noise(power)
        power = power * self._equaliser() * np.float32(10 ** (rng.uniform(-_DECIBELS, _DECIBELS) / 10))
        counts = np.repeat(is_known.astype(np.float32)[None], _FRAMES, axis=0)
        counts[:_UNCOUNTED] = 0
        return levels(power), targets, counts

    @property
    def _num_bands(self) -> int:
        return self._examples[0].inputs.shape[1]

    def _cut(self, example: Example) -> tuple[Float32[np.ndarray, "T I"], Float32[np.ndarray, "T 2"]]:
        """A piece from anywhere, some after silence; the targets are as late as the network may be."""
        rng = self._rng
        inputs = np.zeros((_FRAMES, self._num_bands), np.float32)
        targets = np.zeros((_FRAMES, 2), np.float32)
        silence = int(rng.integers(_SILENCE_FRAMES)) if rng.random() < _AFTER_SILENCE else 0
        last = len(example.inputs) - (_FRAMES - silence)
        start = int(rng.integers(max(last, 0) + 1))
        part = example.inputs[start : start + _FRAMES - silence]
        inputs[silence : silence + len(part)] = part
        wanted = example.targets[start : start + _FRAMES - silence - LATER]
        targets[silence + LATER : silence + LATER + len(wanted)] = wanted
        return inputs, targets

    def _noise(self) -> Float32[np.ndarray, "T I"]:
        noise = self._noises[int(self._rng.integers(len(self._noises)))]
        return powers(self._cut(noise)[0])

    def _with_noise(self, power: Float32[np.ndarray, "T I"]) -> Float32[np.ndarray, "T I"]:
        noise = self._noise()
        decibels = self._rng.uniform(*_SIGNAL_TO_NOISE)
        ratio = power.mean() / (noise.mean() + 1e-12) * 10 ** (-decibels / 10)
        return power + noise * np.float32(min(ratio, 1e6))

    def _equaliser(self) -> Float32[np.ndarray, " I"]:
        """Gains of all bands that change slowly from band to band, the same for both spectra."""
        points = self._rng.normal(0, _EQUALISER_DECIBELS, _EQUALISER_POINTS)
        gains = [np.interp(np.linspace(0, 1, bands), np.linspace(0, 1, len(points)), points) for bands in BANDS]
        return (10 ** (np.concatenate(gains) / 10)).astype(np.float32)
