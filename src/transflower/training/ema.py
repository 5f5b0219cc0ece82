"""The moving average of a model's weights, as a model of its own: it is what is validated and kept."""

import copy
from collections.abc import Mapping
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


class Ema(Generic[M]):
    """Follows ``model``; its ``model`` is the average.

    In the first steps the average is over fewer of them, so that it does not stick to where training began.
    """

    def __init__(self, model: M, decay: float) -> None:
        self.decay = decay
        self.num_updates = 0
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        # Looked up once: finding them takes longer than averaging a small model.
        self._averages: list[Tensor] = list(self.model.parameters())
        self._weights: list[Tensor] = list(model.parameters())
        self._copies, self._buffers = list(self.model.buffers()), list(model.buffers())

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step."""
        self.num_updates += 1
        decay = min(self.decay, self.num_updates / (10 + self.num_updates))
        torch._foreach_lerp_(self._averages, self._weights, 1 - decay)
        if self._copies:
            torch._foreach_copy_(self._copies, self._buffers)

    def to(self, device: torch.device) -> None:
        """Move the average to where the model is."""
        self.model.to(device)

    def state_dict(self) -> dict[str, dict[str, Tensor] | int]:
        """Plain tensors, and the number of updates."""
        return {"weights": self.model.state_dict(), "num_updates": self.num_updates}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue."""
        weights, num_updates = state["weights"], state["num_updates"]
        assert isinstance(weights, dict)
        assert isinstance(num_updates, int)
        self.model.load_state_dict(weights)
        self.num_updates = num_updates
