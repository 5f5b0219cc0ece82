"""What a head predicts: the frames themselves, or their change from the frame before the position.

Shape letters: B batch, P positions, N frames of one prediction, D channels.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.spans import StreamSpec
from transflower.models.heads.base import HeadConfig

TargetKind = Literal["frame", "change"]

_LEAST_SCALE = 1e-3


@dataclass(frozen=True, kw_only=True)
class TargetConfig(HeadConfig):
    """Options of every head of continuous frames."""

    target: TargetKind = "frame"
    """Predict the frames themselves, or their change from the last frame."""
    leak: float = 0.0
    """Target `change` only: the change is counted from the last frame, drawn by this share to the mean, so that free
    running stays within bounds."""

    def __post_init__(self) -> None:
        if not 0 <= self.leak <= 1:
            raise OptionsError(f"leak must be a share from 0 to 1, got {self.leak}")

    def build_space(self, target: StreamSpec, *, length: int, has_previous: bool) -> "TargetSpace":
        """What the head models.

        Raises:
            ModelError: the output is not continuous, or its change is wanted but its last frame is not known.
        """
        self.check_kind(target.kind)
        if self.target == "change" and not has_previous:
            raise ModelError(
                "target: change needs the output's own past among the inputs; add the output to the inputs, "
                "or choose target: frame"
            )
        return TargetSpace(self.target, length=length, dim=target.dim, leak=self.leak)


class TargetSpace(nn.Module):
    """Maps target frames to what is modelled, and back.

    Changes are all taken from the same frame, the one before the position, and divided by their root mean square in
    the first batch (one for each of the N frames and each column), so that they are about as large as frames are.

    With a ``leak``, that frame is first drawn so far towards the mean, which is 0. Whatever bounded changes a model
    then makes, running freely for hours, it stays within bounds: at most the largest change / leak.

    Example:
        >>> space = TargetSpace("change", length=1, dim=1, leak=0.5)
        >>> target, previous = torch.tensor([[[[3.0]]]]), torch.tensor([[[2.0]]])
        >>> change = space.encode(target, previous)  # from half of the frame before
        >>> change.item(), space.decode(change, previous).item()
        (2.0, 3.0)
    """

    scale: Tensor

    def __init__(self, kind: TargetKind, *, length: int, dim: int, leak: float = 0.0) -> None:
        super().__init__()
        self.kind = kind
        self.kept = 1 - leak
        self.register_buffer("scale", torch.ones(length, dim))

    def encode(
        self, target: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None
    ) -> Float[Tensor, "B P N D"]:
        """What is modelled."""
        if self.kind == "frame":
            return target
        return (target - self._start(previous)) / self.scale

    def decode(
        self, modelled: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None
    ) -> Float[Tensor, "B P N D"]:
        """Target frames."""
        if self.kind == "frame":
            return modelled
        return modelled * self.scale + self._start(previous)

    def log_det(self) -> Float[Tensor, ""]:
        """Log |det d modelled / d target| of one position."""
        return -self.scale.log().sum()

    @torch.no_grad()
    def initialise(self, target: Float[Tensor, "B P N D"], previous: Float[Tensor, "B P D"] | None) -> None:
        """Set the scale of changes from one batch."""
        if self.kind == "change":
            change = target - self._start(previous)
            self.scale.copy_(change.square().mean(dim=(0, 1)).sqrt().clamp_min(_LEAST_SCALE))

    def _start(self, previous: Tensor | None) -> Float[Tensor, "B P 1 D"]:
        """What changes are counted from."""
        assert previous is not None, "a head built with a previous frame was given none"
        return self.kept * previous.unsqueeze(2)
