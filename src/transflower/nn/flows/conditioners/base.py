"""The base class of networks that predict a coupling's parameters from the unchanged channels and the context.

Shape letters: B batch, P positions, N frames, E unchanged channels, Q parameters of a frame, K context tokens,
C context channels, M batch and positions folded together.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.registry import Registry
from transflower.nn.flows.bijection import FlowShape
from transflower.nn.state import State


class Conditioner(nn.Module, ABC):
    """Predicts parameters; its state along P goes in and out as ``state``."""

    @abstractmethod
    def forward(
        self, unchanged: Float[Tensor, "B P N E"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N Q"], State]:
        """Parameters for every frame, and the state after the last position."""

    def init_state(self, batch_size: int) -> State:
        """The state before the first position; None for conditioners without state."""
        return None


class StatelessConditioner(Conditioner):
    """A conditioner that sees one position at a time: P is folded into the batch."""

    def forward(
        self, unchanged: Float[Tensor, "B P N E"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N Q"], State]:
        """Parameters for every frame; no state."""
        folded = None if context is None else context.flatten(0, 1)
        return self.predict(unchanged.flatten(0, 1), folded).unflatten(0, unchanged.shape[:2]), None

    @abstractmethod
    def predict(
        self, unchanged: Float[Tensor, "M N E"], context: Float[Tensor, "M K C"] | None
    ) -> Float[Tensor, "M N Q"]:
        """Parameters for the frames of each position."""


@dataclass(frozen=True, kw_only=True)
class ConditionerConfig(ABC):
    """Which network predicts the parameters of each coupling."""

    registry: ClassVar[Registry["ConditionerConfig"]] = Registry("coupling conditioner")

    @abstractmethod
    def build(self, shape: FlowShape, *, in_dim: int, out_dim: int) -> Conditioner:
        """A network from ``in_dim`` unchanged channels to ``out_dim`` parameters a frame.

        Raises:
            ModelError: the options cannot work with these shapes.
        """


def check_has_input(shape: FlowShape, in_dim: int) -> None:
    """Refuse a coupling whose parameters would depend on nothing.

    Raises:
        ModelError: there is one channel and no context.
    """
    if in_dim + shape.context_dim == 0:
        raise ModelError("a coupling needs at least 2 channels or a context; 1 channel without context has neither")
