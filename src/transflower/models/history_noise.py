"""Noise on the history in training, so that a model that runs freely finds its way back to the data.

White noise teaches to distrust the last frame: every draw of the model itself then looks like noise to it, is averaged
away, and a dance never commits to a move. Noise with memory is a path beside the data that comes back to it by a share
each frame, and the target comes back along the same path: what was drawn stays drawn, and errors still die out.

Shape letters: B batch, T frames, D columns.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from transflower.core.errors import OptionsError


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

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise OptionsError(f"history noise needs 0 <= least <= most, got {self.least} and {self.most}")
        if not 0 <= self.memory < 1:
            raise OptionsError(f"the memory of history noise must be at least 0 and below 1, got {self.memory}")

    def draw(self, like: Float[Tensor, "B T D"], generator: Generator | None) -> Float[Tensor, "B T D"]:
        """How far every frame is off the data."""
        share = torch.rand(len(like), 1, like.shape[-1], generator=generator, device=like.device, dtype=like.dtype)
        level = self.most * (self.least / self.most if self.least else 1.0) ** share
        kicks = torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)
        return level * (_decay(self.memory, like.shape[1], like) @ kicks)


def _decay(memory: float, length: int, like: Tensor) -> Float[Tensor, "T T"]:
    """What is left in each frame of the kicks in each; those before the first frame are added up in it."""
    if not memory:
        return torch.eye(length, dtype=like.dtype, device=like.device)
    ages = torch.arange(length, device=like.device)
    left = memory ** (ages[:, None] - ages).clamp_min(0).to(like.dtype)
    decay = left.tril()
    decay[:, 0] /= math.sqrt(1 - memory**2)
    return decay
