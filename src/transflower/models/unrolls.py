"""Short unrolls in training: windows whose history the model draws itself.

In each pass every position draws its frame upon the history that there is, all positions side by side; the draws are
the history of the next pass (parallel scheduled sampling: Duckworth et al., 2019, arXiv:1906.04331). So after a few
passes each position looks back on as many frames that were drawn one upon the other, and learns to come back from where
they lead: its targets do as after kicks of the history noise.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Generator, Tensor

from transflower.core.errors import OptionsError


@dataclass(frozen=True, kw_only=True)
class Unrolls:
    """Windows of several positions whose history is drawn by the model itself."""

    frames: int = 0
    """Frames drawn one upon the other, each at the cost of a pass through the model; 0 is none."""
    share: float = 0.25
    """Share of windows."""

    def __post_init__(self) -> None:
        if self.frames < 0 or not 0 < self.share <= 1:
            raise OptionsError(
                f"unrolls need at least 0 frames and a share above 0, up to 1; got {self.frames} and {self.share}"
            )

    def choose(self, batch: int, *, device: torch.device, generator: Generator | None) -> Int[Tensor, " _"]:
        """Which windows of a batch."""
        return (torch.rand(batch, generator=generator, device=device) < self.share).nonzero()[:, 0]
