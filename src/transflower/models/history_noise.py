"""Noise on the history in training, so that a model that runs freely finds its way back to the data.

White noise teaches to distrust the last frame: every draw of the model itself then looks like noise to it, is averaged
away, and a dance never commits to a move. Noise with memory is a path beside the data that comes back to it by a share
each frame, and the target comes back along the same path: what was drawn stays drawn, and errors still die out.

Such kicks are gone within seconds. A column that drifts for longer, as the bend of a hand may, is off in all that a
model remembers; it only finds back if it has seen columns that were off from the first frame to the last.

Shape letters: B batch, T frames, D columns.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Generator, Tensor

from transflower.core.errors import OptionsError
from transflower.nn.noise import SharedNoise


@dataclass(frozen=True, kw_only=True)
class HistoryNoise:
    """Kicks that push autoregressive inputs, and the frame that changes are taken from, off the data in training."""

    most: float = 0.0
    """Standard deviation of a frame's kick in the wildest columns of a window, in standard deviations of the data; 0 is
    none."""
    least: float = 0.0
    """The same in the calmest columns; each column of each window draws its own, log-uniformly, so that a hand that is
    far off finds back to a body that is not. 0 gives all the most."""
    memory: float = 0.0
    """Share of the way off the data that is left a frame later, in the target too; 0 is white noise."""
    shift: float = 0.0
    """How far columns are off throughout a window, as standard deviation in kicks of the column. The target comes back
    from there too, so that what has slowly drifted off finds back though the history shows nothing better."""
    unknown: float = 0.0
    """Share of windows that begin as dances do: up to a random frame the history shows the mean pose and no class."""

    def __post_init__(self) -> None:
        if not 0 <= self.unknown <= 1:
            raise OptionsError(f"the unknown share of history noise must be from 0 to 1, got {self.unknown}")
        if not 0 <= self.least <= self.most:
            raise OptionsError(f"history noise needs 0 <= least <= most, got {self.least} and {self.most}")
        if not 0 <= self.memory < 1:
            raise OptionsError(f"the memory of history noise must be at least 0 and below 1, got {self.memory}")
        if self.shift < 0:
            raise OptionsError(f"the shift of history noise must not be negative, got {self.shift}")

    @property
    def is_on(self) -> bool:
        """Whether there is any."""
        return self.most > 0 or self.unknown > 0

    def draw_known(self, batch: int, *, device: torch.device, generator: Generator | None) -> Float[Tensor, " B"]:
        """After which share of each window's frames its history is known."""
        first, is_cut = torch.rand(2, batch, generator=generator, device=device)
        return first * (is_cut < self.unknown)

    def draw(
        self, frames: Float[Tensor, "B T D"], known: Int[Tensor, " B"], generator: Generator | None
    ) -> Float[Tensor, "B T D"]:
        """How far every one of standardised ``frames`` is off the data; those before the first known are at 0."""
        off = self._kicks(frames, generator) - self._rest(frames, known)
        return torch.where(is_before(known, frames), -frames, off)

    def _rest(self, frames: Float[Tensor, "B T D"], known: Int[Tensor, " B"]) -> Float[Tensor, "B T D"]:
        """What is left of the way from the mean pose."""
        last = (known - 1).clamp_min(0)[:, None, None].expand(-1, 1, frames.shape[2])
        ages = torch.arange(frames.shape[1], device=frames.device) - known[:, None] + 1
        left = self.memory ** ages.clamp_min(0).to(frames.dtype) * (known > 0)[:, None]
        return left.unsqueeze(2) * frames.gather(1, last)

    def _kicks(self, like: Float[Tensor, "B T D"], generator: Generator | None) -> Float[Tensor, "B T D"]:
        """What all kicks together and the shifts leave in every frame."""
        noise, of_windows = SharedNoise(generator), (len(like), 1, like.shape[2])
        share = noise.uniform(of_windows, like=like)
        kicks, shifts = noise.normal(like.shape, like=like), noise.normal(of_windows, like=like)
        level = self.most * (self.least / self.most if self.least else 1.0) ** share
        return level * (_decay(self.memory, like.shape[1], like) @ kicks + self.shift * shifts)


def is_before(first: Int[Tensor, " B"], frames: Shaped[Tensor, "B T D"]) -> Bool[Tensor, "B T 1"]:
    """Which frames lie before each window's ``first``."""
    return (torch.arange(frames.shape[1], device=frames.device) < first[:, None]).unsqueeze(2)


def _decay(memory: float, length: int, like: Tensor) -> Float[Tensor, "T T"]:
    """What is left in each frame of the kicks in each; those before the first frame are added up in it."""
    if not memory:
        return torch.eye(length, dtype=like.dtype, device=like.device)
    ages = torch.arange(length, device=like.device)
    left = memory ** (ages[:, None] - ages).clamp_min(0).to(like.dtype)
    decay = left.tril()
    decay[:, 0] /= math.sqrt(1 - memory**2)
    return decay
