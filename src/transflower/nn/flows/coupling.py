"""Couplings: one part of a position is transformed, by parameters predicted from the other part and the context.

Laurent Dinh et al., "Density estimation using Real NVP", 2017, section 3.2: `Coupling` splits the channels, as in its
figure 3 on the right, and `TimeCoupling` the frames, as on the left.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from transflower.core.errors import ModelError
from transflower.nn.autocast import full_precision
from transflower.nn.flows.bijection import Bijection, FlowShape, sum_log_det
from transflower.nn.flows.conditioners.base import Conditioner, ConditionerConfig
from transflower.nn.flows.transforms.base import Transform, TransformConfig
from transflower.nn.state import State

Half = Literal["first", "last"]


class Coupling(Bijection):
    """Transforms the first or the last ``num_transformed`` channels and leaves the others.

    Example:
        >>> from transflower.nn.flows.conditioners import ConditionerConfig
        >>> from transflower.nn.flows.transforms import AffineConfig
        >>> shape = FlowShape(dim=4, length=1, context_dim=3, context_length=1)
        >>> mlp = ConditionerConfig.registry["mlp"](width=8, blocks=1)
        >>> coupling = build_coupling(shape, AffineConfig(), mlp)
        >>> x, context = torch.randn(2, 5, 1, 4), torch.randn(2, 5, 1, 3)
        >>> z, log_det, _ = coupling(x, context)
        >>> back, _, _ = coupling.inverse(z, context)
        >>> bool(torch.allclose(back, x, atol=1e-5)), tuple(log_det.shape)
        (True, (2, 5))
    """

    def __init__(
        self, transform: Transform, conditioner: Conditioner, num_transformed: int, *, transformed_half: Half = "first"
    ) -> None:
        super().__init__()
        self.transform = transform
        self.conditioner = conditioner
        self.num_transformed = num_transformed
        self.transformed_half = transformed_half

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Transform one half of the channels."""
        transformed, unchanged = self._split(x)
        parameters, state = self.conditioner(unchanged, context, state)
        with full_precision(x):
            mapped, log_scale = self.transform(transformed, parameters.to(x.dtype))
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
        transformed, unchanged = self._split(z)
        parameters, state = self.conditioner(unchanged, context, state)
        with full_precision(z):
            mapped, log_scale = self.transform.inverse(transformed, parameters.to(z.dtype))
        return self._join(mapped, unchanged), log_scale, state

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.transformed_half == "first":
            return x[..., : self.num_transformed], x[..., self.num_transformed :]
        return x[..., -self.num_transformed :], x[..., : -self.num_transformed]

    def _join(self, mapped: Tensor, unchanged: Tensor) -> Tensor:
        return torch.cat([mapped, unchanged] if self.transformed_half == "first" else [unchanged, mapped], dim=-1)


class TimeCoupling(Bijection):
    """Transforms all channels of the frames ``parity, parity + 2, ...`` of a position and leaves the others.

    The conditioner is given, for each transformed frame, the frames on both sides of it, and zeros beyond the ends. So
    networks that see one frame at a time work as well as those that see all.
    """

    def __init__(self, transform: Transform, conditioner: Conditioner, parity: int) -> None:
        super().__init__()
        self.transform = transform
        self.conditioner = conditioner
        self.parity = parity

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Transform every other frame."""
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

    def _replaced(self, x: Tensor, mapped: Tensor) -> Tensor:
        x = x.clone()
        x[:, :, self.parity :: 2] = mapped
        return x


def build_coupling(
    shape: FlowShape, transform: TransformConfig, conditioner: ConditionerConfig, *, transformed_half: Half = "first"
) -> Coupling:
    """A coupling that transforms half of the channels, the larger one where D is odd."""
    num_transformed = shape.dim - shape.dim // 2
    built = transform.build(num_transformed)
    network = conditioner.build(
        shape, in_dim=shape.dim - num_transformed, out_dim=num_transformed * built.parameters_per_element
    )
    return Coupling(built, network, num_transformed, transformed_half=transformed_half)


def build_time_coupling(
    shape: FlowShape, transform: TransformConfig, conditioner: ConditionerConfig, *, parity: int
) -> TimeCoupling:
    """A coupling that transforms every other frame.

    Raises:
        ModelError: there is only one frame.
    """
    if shape.length < 2:
        raise ModelError(
            "time couplings need 2 or more frames of one prediction, there is 1; set num_time_couplings to 0"
        )
    built = transform.build(shape.dim)
    network = conditioner.build(shape, in_dim=2 * shape.dim, out_dim=shape.dim * built.parameters_per_element)
    return TimeCoupling(built, network, parity)
