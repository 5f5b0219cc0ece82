"""Linear maps for drawing only: their weights lie as the processor reads them fastest, in fewer bits if wanted.

One dancer's step reads every weight once, so its time is that of the memory, and fewer bits are fewer seconds. None of
these maps mixes the rows of a batch: a row gives the same numbers, up to rounding, whatever stands beside it.

Shape letters: ... any leading axes, I channels in, O channels out, R rows.
"""

from typing import Literal, get_args

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn
from torch.nn import functional

from transflower.core.errors import OptionsError

Precision = Literal["fp32", "bf16", "int8"]

_LEAST_SIZE = 2**17
"""Smaller matrices are faster as they are: calling a special kernel takes longer than reading them."""
_LARGEST = 127


def check_precision(precision: str) -> None:
    """Refuse what is no precision.

    Raises:
        OptionsError: naming those that there are.
    """
    if precision not in get_args(Precision):
        raise OptionsError(f"there is no precision {precision!r}; choose {', '.join(get_args(Precision))}")


def packed(linear: nn.Linear, precision: Precision) -> nn.Module:
    """The same map on the same device, ready to be read; small ones as they are."""
    if linear.weight.numel() < _LEAST_SIZE:
        return linear
    if precision == "int8" and linear.weight.device.type == "cpu":
        return Int8Linear(linear)
    return PackedLinear(linear, torch.float32 if precision == "fp32" else torch.bfloat16)


def quantise(weight: Float[Tensor, "R I"]) -> tuple[Int8[Tensor, "R I"], Float[Tensor, " R"]]:
    """Whole numbers from -127 to 127, and the scale of each row, by which they are to be multiplied."""
    scale = weight.abs().amax(dim=-1).clamp_min(torch.finfo(weight.dtype).tiny) / _LARGEST
    return (weight / scale[:, None]).round().to(torch.int8), scale


class PackedLinear(nn.Module):
    """Weights of ``dtype``, in oneDNN's own layout where the processor can; results in single precision."""

    def __init__(self, linear: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.is_packed = linear.weight.device.type == "cpu" and _can_pack(dtype)
        weight = linear.weight.detach().to(dtype)
        # Neither a parameter nor a buffer: packed tensors can be neither moved nor saved.
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, 1) if self.is_packed else weight
        self._bias = None if linear.bias is None else linear.bias.detach().to(dtype)
        self.num_bytes = weight.numel() * weight.element_size()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        given = x.to(self.dtype)
        if self.is_packed:
            return torch.ops.mkldnn._linear_pointwise(given, self._weight, self._bias, "none", [], "").to(x.dtype)
        return functional.linear(given, self._weight, self._bias).to(x.dtype)


class Int8Linear(nn.Module):
    """Weights and channels of each row as 8-bit integers, each row with a scale of its own; their sums are exact."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self._weight, self._scale = quantise(linear.weight.detach())
        self._bias = None if linear.bias is None else linear.bias.detach()
        self.num_bytes = self._weight.numel()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        rows = x.flatten(0, -2)
        scale = torch.linalg.vector_norm(rows, torch.inf, dim=-1, keepdim=True)
        scale = scale.clamp_min_(torch.finfo(x.dtype).tiny).div_(_LARGEST)
        sums = torch._int_mm((rows / scale).round_().to(torch.int8), self._weight.t())
        mapped = (sums * self._scale).mul_(scale)
        if self._bias is not None:
            mapped += self._bias
        return mapped.unflatten(0, x.shape[:-1])


def _can_pack(dtype: torch.dtype) -> bool:
    if not torch.backends.mkldnn.is_available():
        return False
    return dtype == torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported()
