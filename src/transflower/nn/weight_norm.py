"""Weight normalisation by modules that can be pickled, as those of torch cannot: models are sent to other processes.

Tim Salimans and Diederik P. Kingma, "Weight normalization: a simple reparameterization to accelerate training of deep
neural networks", 2016.

Shape letters: M rows, I channels in, O channels out, N frames.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class WeightNorm(nn.Module):
    """A linear map, or a convolution over frames, whose weights to each output are a direction and a length."""

    def __init__(self, layer: nn.Linear | nn.Conv1d) -> None:
        """Begin with the weights of ``layer``."""
        super().__init__()
        self.bias = layer.bias
        self._padding = int(layer.padding[0]) if isinstance(layer, nn.Conv1d) else None
        # The name that torch.nn.utils.parametrizations gives, which models on disk have.
        self.parametrizations = nn.ModuleDict({"weight": _LengthAndDirection(layer.weight)})

    def forward(self, x: Float[Tensor, "*M I"] | Float[Tensor, "M I N"]) -> Float[Tensor, "*_ _"]:
        """What the layer does."""
        weight = self.parametrizations["weight"]()
        if self._padding is None:
            return functional.linear(x, weight, self.bias)
        return functional.conv1d(x, weight, self.bias, padding=self._padding)


class _LengthAndDirection(nn.Module):
    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.original0 = nn.Parameter(torch.norm_except_dim(weight.detach(), 2, 0))
        self.original1 = nn.Parameter(weight.detach())

    def forward(self) -> Tensor:
        return torch._weight_norm(self.original1, self.original0, 0)
