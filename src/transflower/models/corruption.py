"""What a model does to standardised inputs and targets before its parts see them: noise, dropout, clamping.

Noise on targets is part of every likelihood; all else happens in training only.

Shape letters: B batch, T frames, P positions of a window, N frames of a target, D columns, V columns that are modelled.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from transflower.core.spans import UNKNOWN_CLASS
from transflower.models.history_noise import is_before
from transflower.models.options import ModelConfig
from transflower.nn.noise import Noise


class Corruption:
    """The corruption of one batch."""

    def __init__(self, config: ModelConfig, *, is_training: bool, noise: Noise) -> None:
        self._config = config
        self._is_training = is_training
        self._noise = noise
        self._clamped: list[Tensor] = []
        self._drops: Tensor | None = None

    @property
    def clamped(self) -> Float[Tensor, ""]:
        """Share of values that were clamped so far."""
        return torch.stack(self._clamped).mean() if self._clamped else torch.zeros(())

    def clamp(self, frames: Float[Tensor, "B T _"]) -> Float[Tensor, "B T _"]:
        """Bound what a single frame can do to a training step."""
        if not self._is_training:
            return frames
        limit = self._config.clamp
        self._clamped.append((frames.detach().abs() >= limit).to(frames.dtype).mean())
        return frames.clamp(-limit, limit)

    def noise_target(self, frames: Float[Tensor, "B T V"]) -> Float[Tensor, "B T V"]:
        """Add the noise that gives a density its volume."""
        noise = self._noise.normal(frames.shape, like=frames)
        return self.clamp(frames) + self._config.target_noise * noise

    def noise_history(
        self,
        inputs: dict[str, Tensor],
        targets: dict[str, Shaped[Tensor, "B P N V"]],
        previous: Callable[[str, Tensor], Tensor | None],
    ) -> None:
        """Move the history off the data, and the targets along their relaxation; replaces entries of both mappings.

        Args:
            inputs: of the encoder.
            targets: of the heads.
            previous: from an output and its input's frames to the frame before each position, ``[B, P, V]``; None where
                that is not known.
        """
        noise = self._config.history_noise
        if not (self._is_training and noise.is_on):
            return
        any_target = next(iter(targets.values()))
        like = any_target if any_target.is_floating_point() else any_target.float()
        share_known = noise.draw_known(like, self._noise)
        for name in self._config.outputs:
            if name not in inputs:
                continue
            frames = inputs[name]
            known = (share_known * frames.shape[1]).long()
            if self._config.inputs[name].kind == "categorical":
                inputs[name] = frames.masked_fill(is_before(known, frames), UNKNOWN_CLASS)
                continue
            offset = noise.draw(frames, known, self._noise)
            inputs[name] = frames + offset
            last = previous(name, offset)
            if last is not None:
                targets[name] = targets[name] + self._relaxation(last, targets[name])

    def drop_frames(self, name: str, frames: Shaped[Tensor, "B T D"]) -> Shaped[Tensor, "B T D"]:
        """Blank out single frames of an input."""
        share = self._config.inputs[name].dropout
        if not (self._is_training and share):
            return frames
        draws = self._noise.uniform(frames.shape[:2], like=frames)
        return frames * (draws >= share)[..., None]

    def draw_dropped(self, name: str, frames: Shaped[Tensor, "B T D"]) -> Bool[Tensor, "B 1 1"] | None:
        """In which windows an input is dropped as a whole; None where there are none.

        Conditions of equal shares are dropped together: guidance compares with a model that is given none of them.
        """
        share = self._config.inputs[name].drop_window
        if not (self._is_training and share):
            return None
        if self._drops is None:
            self._drops = self._noise.uniform((len(frames), 1, 1), like=torch.empty(0, device=frames.device))
        return self._drops < share

    def _relaxation(self, last: Float[Tensor, "B P V"], target: Float[Tensor, "B P N V"]) -> Float[Tensor, "B P N V"]:
        """The offset of targets from the data that is left of the offset of the frame before them."""
        ages = torch.arange(1, target.shape[2] + 1, dtype=target.dtype, device=target.device)
        return self._config.history_noise.decay ** ages[:, None] * last.unsqueeze(2)
