"""Linear maps for inference only: weights in the layout that the processor reads fastest, in fewer bits where wanted.

A step of one row reads every weight once. So its time is bound by memory bandwidth, and fewer bits take less time. Rows
of a batch do not depend on each other: a row gives the same numbers, up to rounding, whatever the others are.

Which kernel is the fastest depends on the processor. Measured on one core of a shared machine with AVX2 and nothing
newer, in microseconds, for matrices of 1024 x 4096 that no cache holds, and one row or 16:

=================================  ====  =====
fp32, rows of weights              1440   7600
fp32, ``column_major``             1180   7500
fp32, oneDNN's own layout          1420   4700
bf16, ``functional.linear``        1090  13600
fp16, ``Fp16Linear``                850   2300
int8, ``Int8Linear``'s kernel      3210  45700
int8, ``FbgemmInt8Linear``          560   1110
=================================  ====  =====

So there 16 bits mean fp16, and 8 bits the kernel of fbgemm; processors that multiply bf16 or int8 use oneDNN. The
overhead of a call is 5 microseconds in torch, 20 in fbgemm, 50 in oneDNN.

Shape letters: ... any leading axes, I channels in, O channels out, R rows.
"""

import warnings
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn
from torch.nn import functional

from transflower.core.errors import OptionsError

Precision = Literal["fp32", "bf16", "int8"]

_MIN_SIZE = 2**17
"""Weights of a matrix, below which the overhead of a special kernel is longer than reading them."""
_MAX_INT8 = 127


def check_precision(precision: str) -> None:
    """Refuse what is no precision.

    Raises:
        OptionsError: naming those that there are.
    """
    if precision not in get_args(Precision):
        raise OptionsError(f"there is no precision {precision!r}; choose {', '.join(get_args(Precision))}")


def prepare_linear(linear: nn.Linear, precision: Precision) -> nn.Module:
    """The same map on the same device, by the fastest kernel available; small maps are returned unchanged."""
    if linear.weight.numel() < _MIN_SIZE:
        return linear
    is_on_cpu = linear.weight.device.type == "cpu"
    if precision == "fp32":
        return column_major(linear) if is_on_cpu else linear
    if precision == "int8" and is_on_cpu:
        return FbgemmInt8Linear(linear) if _has_fbgemm() and not _has_byte_products() else Int8Linear(linear)
    return Fp16Linear(linear) if is_on_cpu and _has_fbgemm() and not _can_pack_bf16() else Bf16Linear(linear)


def column_major(linear: nn.Linear) -> nn.Linear:
    """The same map; with more outputs than inputs, its weights are stored column by column.

    A product with one row is then a sum of long columns, instead of many short sums.
    """
    if linear.out_features > linear.in_features:
        weight = linear.weight.detach().t().contiguous().t()
        linear.weight = nn.Parameter(weight, requires_grad=False)
    return linear


def quantise(
    weight: Float[Tensor, "R I"], *, largest: int = _MAX_INT8
) -> tuple[Int8[Tensor, "R I"], Float[Tensor, " R"]]:
    """Integers up to ``largest``, and the scale of each row, by which they are to be multiplied."""
    scale = weight.abs().amax(dim=-1).clamp_min(torch.finfo(weight.dtype).tiny) / largest
    return (weight / scale[:, None]).round().to(torch.int8), scale


class QuantisedLinear(nn.Module):
    """A linear map that reads ``num_bytes`` of weights."""

    num_bytes: int


class Bf16Linear(QuantisedLinear):
    """Weights in bf16, in oneDNN's own layout where the processor can; results in the precision of what is given."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.is_packed = linear.weight.device.type == "cpu" and _can_pack_bf16()
        weight = linear.weight.detach().bfloat16()
        # Neither a parameter nor a buffer: packed tensors can be neither moved nor saved.
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, 1) if self.is_packed else weight
        self._bias = None if linear.bias is None else linear.bias.detach().bfloat16()
        self.num_bytes = 2 * weight.numel()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        given = x.bfloat16()
        if self.is_packed:
            return torch.ops.mkldnn._linear_pointwise(given, self._weight, self._bias, "none", [], "").to(x.dtype)
        return functional.linear(given, self._weight, self._bias).to(x.dtype)


class Int8Linear(QuantisedLinear):
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
        scale = scale.clamp_min_(torch.finfo(x.dtype).tiny).div_(_MAX_INT8)
        sums = torch._int_mm((rows / scale).round_().to(torch.int8), self._weight.t())
        mapped = (sums * self._scale).mul_(scale)
        if self._bias is not None:
            mapped += self._bias
        return mapped.unflatten(0, x.shape[:-1])


class Fp16Linear(QuantisedLinear):
    """Weights in half precision, multiplied in single precision: for processors that know no bf16.

    They are rounded 8 times as finely as bf16; none beyond 65504 can be.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        bias = None if linear.bias is None else linear.bias.detach()
        self._weights = torch.ops.quantized.linear_prepack_fp16(linear.weight.detach(), bias)
        self.num_bytes = 2 * linear.weight.numel()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        return torch.ops.quantized.linear_dynamic_fp16(x, self._weights)


class FbgemmInt8Linear(QuantisedLinear):
    """Weights in 7 bits and channels in 8, each row with a scale of its own: for processors that add no byte products.

    Those add pairs of products in 16 bits, in which 2 * 255 * 63 just fits.
    """

    _MAX_WEIGHT, _ZERO = 63, 128

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scale = quantise(linear.weight.detach(), largest=self._MAX_WEIGHT)
        with warnings.catch_warnings():
            # Torch means to take such tensors away some day; until then nothing else is as fast.
            warnings.filterwarnings("ignore", ".*quantized tensor creation.*", UserWarning)
            known = torch._make_per_channel_quantized_tensor(
                weight, scale.double(), torch.zeros(len(scale), dtype=torch.long), 0
            )
            bias = None if linear.bias is None else linear.bias.detach()
            self._weights = torch.ops.quantized.linear_prepack(known, None)
        self._bias = bias
        self.num_bytes = weight.numel()

    def forward(self, x: Float[Tensor, "*shape I"]) -> Float[Tensor, "*shape O"]:
        """Map the last axis."""
        # The kernel has one scale for all rows, so that each is first brought to a largest value of 1.
        largest = torch.linalg.vector_norm(x, torch.inf, dim=-1, keepdim=True).clamp_min_(torch.finfo(x.dtype).tiny)
        mapped = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            x / largest, 1 / _MAX_INT8, self._ZERO, self._weights
        ).mul_(largest)
        return mapped if self._bias is None else mapped.add_(self._bias)


def _can_pack_bf16() -> bool:
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _has_fbgemm() -> bool:
    is_chosen = torch.backends.quantized.engine in ("x86", "fbgemm")
    return is_chosen and hasattr(torch.ops.quantized, "linear_with_input_q_dq_qweight_dq_output_fp32")


def _has_byte_products() -> bool:
    """Whether the processor adds products of bytes in 32 bits."""
    return torch.cpu._is_vnni_supported()
