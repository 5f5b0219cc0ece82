"""A coupling on a checkerboard in time: every other frame is changed, by parameters predicted from its neighbours.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import Bijection, FlowShape, sum_log_det
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.precision import full_precision
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.state import State


class FrameCoupling(Bijection):
    """Changes all channels of the frames ``parity, parity + 2, ...`` of a position and leaves the others.

    Each changed frame is told the frames on both sides of it, and zeros beyond the ends; so networks that see one
    frame at a time serve as well as those that look around.
    """

    def __init__(self, transform: Transform, conditioner: Conditioner, parity: int) -> None:
        super().__init__()
        self.transform = transform
        self.conditioner = conditioner
        self.parity = parity

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Transform the changed frames."""
        parameters, state = self._predict(x, context, state)
        with full_precision(x):
            mapped, log_scale = self.transform(x[:, :, self.parity :: 2], parameters)
        return self._replaced(x, mapped), sum_log_det(log_scale), state

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Undo: the unchanged frames predict the same parameters."""
        parameters, state = self._predict(z, context, state)
        with full_precision(z):
            mapped, log_scale = self.transform.inverse(z[:, :, self.parity :: 2], parameters)
        return self._replaced(z, mapped), sum_log_det(log_scale), state

    def init_state(self, batch_size: int) -> State:
        """The conditioner's state."""
        return self.conditioner.init_state(batch_size)

    def _predict(self, x: Tensor, context: Tensor | None, state: State) -> tuple[Tensor, State]:
        unchanged = self._replaced(x, torch.zeros_like(x[:, :, self.parity :: 2]))
        padded = functional.pad(unchanged, (0, 0, 1, 1))
        neighbours = torch.cat([padded[:, :, :-2], padded[:, :, 2:]], dim=-1)
        parameters, state = self.conditioner(neighbours, context, state)
        return parameters[:, :, self.parity :: 2].to(x.dtype), state

    def _replaced(self, x: Tensor, changed: Tensor) -> Tensor:
        x = x.clone()
        x[:, :, self.parity :: 2] = changed
        return x


def build_frame_coupling(
    shape: FlowShape, transform: TransformConfig, conditioner: ConditionerConfig, *, parity: int
) -> FrameCoupling:
    """A coupling of frames with their neighbours.

    Raises:
        ModelError: there is only one frame.
    """
    if shape.length < 2:
        raise ModelError("frames can only be coupled where 2 or more are predicted at once; set frame_steps to 0")
    built = transform.build(shape.dim)
    network = conditioner.build(shape, in_dim=2 * shape.dim, out_dim=shape.dim * built.parameters_per_element)
    return FrameCoupling(built, network, parity)
