"""What a head predicts: the frames themselves, or their change from the frame before the position.

Shape letters: B batch, P positions, N frames of one prediction, D channels.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec

TargetKind = Literal["frame", "change"]

_LEAST_SCALE = 1e-3


class TargetSpace(nn.Module):
    """Maps target frames to what is modelled, and back.

    Changes are all taken from the same frame, the one before the position, and divided by their root mean square in
    the first batch (one for each of the N frames and each column), so that they are about as large as frames are.
    """

    scale: Tensor

    def __init__(self, kind: TargetKind, *, length: int, dim: int) -> None:
        super().__init__()
        self.kind = kind
        self.register_buffer("scale", torch.ones(length, dim))

    def encode(
        self, target: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None
    ) -> Float[Tensor, "B P N D"]:
        """What is modelled."""
        if self.kind == "frame":
            return target
        return (target - _before(previous)) / self.scale

    def decode(
        self, modelled: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None
    ) -> Float[Tensor, "B P N D"]:
        """Target frames."""
        if self.kind == "frame":
            return modelled
        return modelled * self.scale + _before(previous)

    def log_det(self) -> Float[Tensor, ""]:
        """Log |det d modelled / d target| of one position."""
        return -self.scale.log().sum()

    @torch.no_grad()
    def initialise(self, target: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None) -> None:
        """Set the scale of changes from one batch."""
        if self.kind == "change":
            change = target - _before(previous)
            self.scale.copy_(change.square().mean(dim=(0, 1)).sqrt().clamp_min(_LEAST_SCALE))


def check_target(target: StreamSpec, kind: TargetKind, *, has_previous: bool) -> None:
    """Refuse what a head of continuous frames cannot predict.

    Raises:
        ModelError: the output is categorical, or its change is wanted but its last frame is not known.
    """
    if target.kind != "continuous":
        raise ModelError("this head predicts continuous features, the output is categorical; choose another output")
    if kind == "change" and not has_previous:
        raise ModelError(
            "target: change needs the output's own past among the inputs; add the output to the inputs, "
            "or choose target: frame"
        )


def _before(previous: Tensor | None) -> Tensor:
    assert previous is not None, "a head built with a previous frame was given none"
    return previous.unsqueeze(2)
