"""Noise on the history in training, so that a free-running model returns to the data.

White noise makes a model ignore the last frame: each of its own draws looks like noise, is averaged away, and the
samples never commit to a move. Noise with a decay is a path beside the data that returns to it by a share each frame.
The target returns along the same path: what was drawn stays drawn, and errors still die out.

Such noise is gone within seconds. A column that has been off the data for longer than that is off in every frame that
the model sees; it returns only if training has shown columns that were off throughout a window.

Shape letters: B batch, T frames, D columns.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.nn.noise import Noise


@dataclass(frozen=True, kw_only=True)
class HistoryNoise:
    """Noise on autoregressive inputs, and on the frame that changes are taken from, in training.

    Example:
        >>> from transflower.nn.noise import SharedNoise
        >>> noise = HistoryNoise(sigma_max=0.5, sigma_min=0.1, decay=0.8)
        >>> noise.is_on, HistoryNoise().is_on
        (True, False)
        >>> noise.draw(torch.zeros(2, 30, 3), torch.zeros(2, dtype=torch.long), SharedNoise(None)).shape
        torch.Size([2, 30, 3])
    """

    sigma_max: float = 0.0
    """Standard deviation of a frame's noise in the noisiest columns of a window, in standard deviations of the data;
    0 is none."""
    sigma_min: float = 0.0
    """The same in the least noisy columns. Each column of each window draws its own level, log-uniformly, so that a
    hand that is far off returns to a body that is not. 0 gives all columns `sigma_max`."""
    decay: float = 0.0
    """Share of the offset from the data that is left a frame later, in the target too; 0 is white noise."""
    offset_scale: float = 0.0
    """Standard deviation of a constant offset of a column throughout a window, in units of its noise. The target
    returns from it too, so that slow drift is undone although no frame of the history is right."""
    blank_prefix: float = 0.0
    """Share of windows that begin as generation does: until a random frame, the history is the mean pose, and classes
    are unknown."""

    def __post_init__(self) -> None:
        if not 0 <= self.blank_prefix <= 1:
            raise OptionsError(f"the blank_prefix of history noise must be from 0 to 1, got {self.blank_prefix}")
        if not 0 <= self.sigma_min <= self.sigma_max:
            raise OptionsError(
                f"history noise needs 0 <= sigma_min <= sigma_max, got {self.sigma_min} and {self.sigma_max}"
            )
        if not 0 <= self.decay < 1:
            raise OptionsError(f"the decay of history noise must be at least 0 and below 1, got {self.decay}")
        if self.offset_scale < 0:
            raise OptionsError(f"the offset_scale of history noise must not be negative, got {self.offset_scale}")

    @property
    def is_on(self) -> bool:
        """Whether there is any."""
        return self.sigma_max > 0 or self.blank_prefix > 0

    def draw_known(self, like: Float[Tensor, "B ..."], noise: Noise) -> Float[Tensor, " B"]:
        """After which share of each window's frames its history is known."""
        # Not batch first: the same seed has always drawn the same windows so.
        first, is_cut = noise.uniform((2, len(like)), like=like, axis=1)
        return first * (is_cut < self.blank_prefix)

    def draw(self, frames: Float[Tensor, "B T D"], known: Int[Tensor, " B"], noise: Noise) -> Float[Tensor, "B T D"]:
        """The offset of every one of standardised ``frames`` from the data; those before the first known end at 0."""
        offset = self._drawn_offset(frames, noise) - self._offset_of_rest(frames, known)
        return torch.where(is_before(known, frames), -frames, offset)

    def _offset_of_rest(self, frames: Float[Tensor, "B T D"], known: Int[Tensor, " B"]) -> Float[Tensor, "B T D"]:
        """What is left of the offset of the mean pose from the last unknown frame."""
        last = (known - 1).clamp_min(0)[:, None, None].expand(-1, 1, frames.shape[2])
        ages = torch.arange(frames.shape[1], device=frames.device) - known[:, None] + 1
        left = self.decay ** ages.clamp_min(0).to(frames.dtype) * (known > 0)[:, None]
        return left.unsqueeze(2) * frames.gather(1, last)

    def _drawn_offset(self, like: Float[Tensor, "B T D"], source: Noise) -> Float[Tensor, "B T D"]:
        """The sum in every frame of what is left of each frame's noise, and of the constant offset."""
        of_windows = (len(like), 1, like.shape[2])
        share = source.uniform(of_windows, like=like)
        noise, constant = source.normal(like.shape, like=like), source.normal(of_windows, like=like)
        sigma = self.sigma_max * (self.sigma_min / self.sigma_max if self.sigma_min else 1.0) ** share
        return sigma * (_decay_matrix(self.decay, like.shape[1], like) @ noise + self.offset_scale * constant)


def is_before(first: Int[Tensor, " B"], frames: Shaped[Tensor, "B T D"]) -> Bool[Tensor, "B T 1"]:
    """Which frames lie before each window's ``first``."""
    return (torch.arange(frames.shape[1], device=frames.device) < first[:, None]).unsqueeze(2)


def _decay_matrix(decay: float, length: int, like: Tensor) -> Float[Tensor, "T T"]:
    """Entry [t, s]: the share of the noise of frame s that is left in frame t; s = 0 sums all noise up to frame 0."""
    if not decay:
        return torch.eye(length, dtype=like.dtype, device=like.device)
    ages = torch.arange(length, device=like.device)
    left = decay ** (ages[:, None] - ages).clamp_min(0).to(like.dtype)
    matrix = left.tril()
    matrix[:, 0] /= math.sqrt(1 - decay**2)
    return matrix
