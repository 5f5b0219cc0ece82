"""The best guess by squared error: no distribution, no density.

Shape letters: B batch, P positions, N frames of one prediction, D channels, K context tokens, C context channels.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from transflower.core.spans import StreamSpec
from transflower.models.heads.base import Head, HeadConfig
from transflower.models.heads.readout import Readout, ReadoutKind
from transflower.models.heads.sampling_options import HeadSamplingOptions
from transflower.models.heads.target import TargetConfig, TargetSpace
from transflower.nn.noise import Noise
from transflower.nn.state import State


@HeadConfig.registry.register("deterministic")
@dataclass(frozen=True, kw_only=True)
class DeterministicHeadConfig(TargetConfig):
    """One prediction by squared error; samples do not vary."""

    readout: ReadoutKind = "linear"
    """How frames are read off the context."""

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """The head."""
        return DeterministicHead(
            self.build_space(target, length=length, has_previous=has_previous),
            Readout(self.readout, context=(context_length, context_dim), output=(length, target.dim)),
        )


class DeterministicHead(Head):
    """Mean squared error of what ``space`` makes of the frames.

    Example:
        >>> import torch
        >>> from transflower.nn.noise import NoiseSource
        >>> head = DeterministicHeadConfig().build(target=StreamSpec(dim=2), length=1, context_dim=4, context_length=1)
        >>> frames, _ = head.sample(torch.zeros(1, 3, 1, 4), None, noise=NoiseSource(seed=0, rows=1))
        >>> frames.shape, head.has_density
        (torch.Size([1, 3, 1, 2]), False)
    """

    has_density = False

    def __init__(self, space: TargetSpace, readout: Readout) -> None:
        super().__init__()
        self.space = space
        self.readout = readout

    def loss(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        *,
        noise: Noise,
    ) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """The squared error of what is modelled; logged as ``mse``, of the frames."""
        predicted = self.readout(context).to(target.dtype)
        loss = (predicted - self.space.encode(target, previous)).square().mean()
        frames = self.space.decode(predicted.detach(), previous)
        return loss, {"mse": (frames - target).square().mean()}

    def sample(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
        options: HeadSamplingOptions | None = None,
        null_context: Float[Tensor, "B P K C"] | None = None,
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """The prediction, whatever the noise and the temperature."""
        return self.space.decode(self.readout(context).to(self.space.scale.dtype), previous), None

    def initialise(
        self,
        target: Float[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Float[Tensor, "B P D"] | None,
    ) -> None:
        """Set the scale of changes."""
        self.space.initialise(target, previous)
