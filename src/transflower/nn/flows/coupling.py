"""A coupling: half of the channels is changed, by parameters predicted from the other half and the context.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.nn.flows.bijection import Bijection, FlowShape, sum_log_det
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.precision import full_precision
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.state import State

Half = Literal["first", "last"]


class Coupling(Bijection):
    """Changes the first or the last ``num_changed`` channels and leaves the others."""

    def __init__(
        self, transform: Transform, conditioner: Conditioner, num_changed: int, *, changed_half: Half = "first"
    ) -> None:
        super().__init__()
        self.transform = transform
        self.conditioner = conditioner
        self.num_changed = num_changed
        self.changed_half = changed_half

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Transform the changed channels."""
        changed, unchanged = self._split(x)
        parameters, state = self.conditioner(unchanged, context, state)
        with full_precision(x):
            mapped, log_scale = self.transform(changed, parameters.to(x.dtype))
        return self._join(mapped, unchanged), sum_log_det(log_scale), state

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo: the unchanged channels predict the same parameters."""
        x, log_scale, state = self._undo(z, context, state)
        return x, sum_log_det(log_scale), state

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Undo."""
        x, _, state = self._undo(z, context, state)
        return x, state

    def init_state(self, batch_size: int) -> State:
        """The conditioner's state."""
        return self.conditioner.init_state(batch_size)

    def _undo(self, z: Tensor, context: Tensor | None, state: State) -> tuple[Tensor, Tensor, State]:
        changed, unchanged = self._split(z)
        parameters, state = self.conditioner(unchanged, context, state)
        with full_precision(z):
            mapped, log_scale = self.transform.inverse(changed, parameters.to(z.dtype))
        return self._join(mapped, unchanged), log_scale, state

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.changed_half == "first":
            return x[..., : self.num_changed], x[..., self.num_changed :]
        return x[..., -self.num_changed :], x[..., : -self.num_changed]

    def _join(self, changed: Tensor, unchanged: Tensor) -> Tensor:
        return torch.cat([changed, unchanged] if self.changed_half == "first" else [unchanged, changed], dim=-1)


def build_coupling(
    shape: FlowShape, transform: TransformConfig, conditioner: ConditionerConfig, *, changed_half: Half = "first"
) -> Coupling:
    """A coupling that changes half of the channels, the larger one where D is odd."""
    num_changed = shape.dim - shape.dim // 2
    built = transform.build(num_changed)
    network = conditioner.build(
        shape, in_dim=shape.dim - num_changed, out_dim=num_changed * built.parameters_per_element
    )
    return Coupling(built, network, num_changed, changed_half=changed_half)
