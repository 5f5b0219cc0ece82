"""What every head is: a conditional distribution of one output modality given its context.

Shape letters: B batch, P positions, N frames of one prediction, D channels of the target, K context tokens,
C context channels.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.registry import Registry
from transflower.core.spans import Kind, StreamSpec
from transflower.models.heads.sampling_options import HeadSamplingOptions
from transflower.nn.noise import Noise
from transflower.nn.state import State


class Head(nn.Module, ABC):
    """A conditional distribution of the next N frames of one modality, on standardised features.

    ``previous`` is the frame before each position, or None where the output is no input.
    """

    has_density: ClassVar[bool] = True
    """Whether ``log_prob`` works."""
    SampleOptions: ClassVar[type[HeadSamplingOptions]] = HeadSamplingOptions
    """Options of ``sample`` that belong to the call."""

    @property
    def needs_host(self) -> bool:
        """Whether drawing looks at computed values, which no CUDA graph can: by default, whether a part says so."""
        parts = (part for child in self.children() for part in child.modules())
        return any(getattr(part, "needs_host", False) for part in parts)

    @abstractmethod
    def loss(
        self,
        target: Shaped[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Shaped[Tensor, "B P D"] | None,
        *,
        noise: Noise,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A scalar to minimise, and detached metrics to log.

        Args:
            target: the frames of every position.
            context: what the encoder knows at every position.
            previous: the frame before every position.
            noise: where all randomness comes from, so that a validation is the same each time.
        """

    def log_prob(
        self,
        target: Shaped[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Shaped[Tensor, "B P D"] | None,
        state: State = None,
    ) -> tuple[Float[Tensor, "B P"], State]:
        """Log density of the standardised target in nats, summed over the frames and channels of a position.

        Raises:
            ModelError: the head has no density.
        """
        if not self.has_density:
            raise ModelError("this head has no likelihood; choose a head with one, such as type flow")
        return self._log_density(target, context, previous, state)

    def _log_density(
        self, target: Tensor, context: Tensor, previous: Tensor | None, state: State
    ) -> tuple[Float[Tensor, "B P"], State]:
        """What ``log_prob`` returns; every head that has a density defines it."""
        raise NotImplementedError(f"{type(self).__name__} has a density, but does not define it")

    @abstractmethod
    def sample(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Shaped[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
        options: HeadSamplingOptions | None = None,
        null_context: Float[Tensor, "B P K C"] | None = None,
    ) -> tuple[Shaped[Tensor, "B P N D"], State]:
        """Draw the frames of every position.

        Args:
            context: what the encoder knows at every position.
            previous: the frame before every position.
            state: what recurrent parts remember of earlier positions.
            noise: where all randomness comes from.
            temperature: 0 gives the most central sample.
            options: an instance of ``SampleOptions``; by default one of defaults.
            null_context: what the encoder knows where conditions are dropped; given where ``options`` ask for guidance.
        """

    def init_state(self, batch_size: int) -> State:
        """What recurrent couplings start from; None for heads without state."""
        return None

    @property
    def state_positions(self) -> int | None:
        """Positions before a position that its state depends on; None where these may be all, 0 without state."""
        return 0 if self.init_state(1) is None else None

    def remember(
        self,
        target: Shaped[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Shaped[Tensor, "B P D"] | None,
        state: State,
    ) -> State:
        """The state after frames that are given, such as those of a prompt, as it would be had they been drawn.

        A head that has a state and no density defines it.
        """
        return self.log_prob(target, context, previous, state)[1]

    def initialise(
        self,
        target: Shaped[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Shaped[Tensor, "B P D"] | None,
    ) -> None:
        """Set data-dependent layers from one batch, once, before training; nothing to do for most heads."""


@dataclass(frozen=True, kw_only=True)
class HeadConfig(ABC):
    """Which distribution predicts an output."""

    registry: ClassVar[Registry["HeadConfig"]] = Registry("head")
    kinds: ClassVar[tuple[Kind, ...]] = ("continuous",)
    """Kinds of outputs that the head models."""
    uses_nested: ClassVar[bool] = False
    """Whether ``build`` also takes ``nested``: the models of ``model.nested``, each a ``NestedModel``."""

    @abstractmethod
    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """A head for ``length`` frames of ``target``, given ``context_length`` tokens of ``context_dim`` channels.

        Args:
            target: what is predicted.
            length: N, frames of one prediction.
            context_dim: C, channels of a context token.
            context_length: K, tokens for each position.
            has_previous: whether the output is also an input, so that the frame before each position is known.

        Raises:
            ModelError: the options cannot work with these shapes.
        """

    def check_kind(self, kind: Kind, *, output: str = "the output") -> None:
        """Refuse an output of a kind that the head does not model.

        Raises:
            ModelError: naming the heads that do.
        """
        if kind not in self.kinds:
            fitting = [name for name in HEADS.names() if kind in HEADS[name].kinds]
            raise ModelError(
                f"{output} is {kind}, and its head models {' and '.join(self.kinds)} outputs only; "
                f"choose a head of type {' or '.join(fitting)}"
            )


HEADS = HeadConfig.registry
"""Every head, by the ``type`` that options choose."""
