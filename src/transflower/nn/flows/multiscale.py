"""Several scales of time: pairs of frames become one frame of twice the channels, half of which an inner flow maps.

After Laurent Dinh et al., "Density estimation using Real NVP", 2017, section 3.6, as published with Transflower: the
half that the inner flow leaves stays among the latents of the whole.

Shape letters: B batch, P positions, N frames, D channels, K context tokens, C context channels.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.state import State


class CoarseScale(Bijection):
    """Squeeze time, map the first half of the channels by ``inner``, keep the second half, unsqueeze.

    Example:
        >>> from transflower.nn.flows.linears import Permutation
        >>> scale = CoarseScale(Permutation(torch.tensor([1, 0])))
        >>> x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None]  # [B, P, N, D]
        >>> scale(x, None)[0][0, 0].tolist()  # two frames of channel 0 change places
        [[3.0, 2.0], [1.0, 4.0]]
    """

    def __init__(self, inner: Bijection) -> None:
        super().__init__()
        self.inner = inner

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """The inner flow on the coarser scale."""
        first, second = _squeeze(x).chunk(2, dim=-1)
        first, log_det, state = self.inner(first, _squeeze_context(context), state)
        return _unsqueeze(torch.cat([first, second], dim=-1)), log_det, state

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Its inverse."""
        first, second = _squeeze(z).chunk(2, dim=-1)
        first, log_det, state = self.inner.inverse(first, _squeeze_context(context), state)
        return _unsqueeze(torch.cat([first, second], dim=-1)), log_det, state

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Its inverse."""
        first, second = _squeeze(z).chunk(2, dim=-1)
        first, state = self.inner.invert(first, _squeeze_context(context), state)
        return _unsqueeze(torch.cat([first, second], dim=-1)), state

    @torch.no_grad()
    def initialise(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None
    ) -> Float[Tensor, "B P N D"]:
        """Initialise the inner flow."""
        first, second = _squeeze(x).chunk(2, dim=-1)
        first = self.inner.initialise(first, _squeeze_context(context))
        return _unsqueeze(torch.cat([first, second], dim=-1))

    def init_state(self, batch_size: int) -> State:
        """The inner flow's state."""
        return self.inner.init_state(batch_size)


def coarse_shape(shape: FlowShape) -> FlowShape:
    """Sizes of what the inner flow maps.

    Raises:
        ModelError: frames or context tokens do not pair up.
    """
    if shape.length % 2 or shape.context_length % 2:
        raise ModelError(
            f"a coarser scale pairs frames and context tokens, there are {shape.length} and {shape.context_length}; "
            "predict an even number of frames, or leave coarse_steps empty"
        )
    return FlowShape(
        dim=shape.dim,
        length=shape.length // 2,
        context_dim=2 * shape.context_dim,
        context_length=shape.context_length // 2,
    )


def _squeeze(x: Float[Tensor, "B P N D"]) -> Tensor:
    """Channel d of frames 2n and 2n + 1 become channels 2d and 2d + 1 of frame n."""
    return x.unflatten(2, (-1, 2)).transpose(-1, -2).flatten(-2)


def _unsqueeze(x: Tensor) -> Tensor:
    return x.unflatten(-1, (-1, 2)).transpose(-1, -2).flatten(2, 3)


def _squeeze_context(context: Tensor | None) -> Tensor | None:
    return None if context is None else _squeeze(context)
