"""Fewer operations for the same function, once weights no longer change."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


@runtime_checkable
class Fusable(Protocol):
    """A module that can compute the same with fewer operations, once its weights no longer change."""

    def fuse(self) -> None:
        """Fuse in place what can be fused; the module cannot be trained afterwards."""
        ...


@torch.no_grad()
def fuse_norm(norm: nn.RMSNorm, linear: nn.Linear) -> None:
    """Move the weights of ``norm`` into ``linear``, the only map that reads its output."""
    linear.weight.mul_(norm.weight)
    norm.register_parameter("weight", None)


def stack_linears(linears: Sequence[nn.Linear]) -> nn.Linear:
    """One map in place of several of the same input; their outputs are concatenated."""
    weights = torch.cat([linear.weight.detach() for linear in linears])
    biases = [linear.bias.detach() for linear in linears if linear.bias is not None]
    joint = nn.Linear(weights.shape[1], len(weights), bias=bool(biases), device="meta")
    joint.weight = nn.Parameter(weights, requires_grad=False)
    if biases:
        joint.bias = nn.Parameter(torch.cat(biases), requires_grad=False)
    return joint


class FastRMSNorm(nn.Module):
    """The same as ``norm`` in half of the operations: on CPUs torch has no kernel of its own for it."""

    epsilon: Tensor

    def __init__(self, norm: nn.RMSNorm) -> None:
        super().__init__()
        (self.dim,) = norm.normalized_shape
        self.weight = norm.weight
        epsilon = torch.finfo(torch.float32).eps if norm.eps is None else norm.eps
        self.register_buffer("epsilon", torch.tensor(epsilon), persistent=False)

    def forward(self, x: Float[Tensor, "*shape C"]) -> Float[Tensor, "*shape C"]:
        """Divide by the root mean square of the last axis."""
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        normalised = x * torch.addcmul(self.epsilon, norm, norm, value=1 / self.dim).rsqrt_()
        return normalised if self.weight is None else normalised * self.weight
