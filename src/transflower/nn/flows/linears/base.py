"""What mixes the channels between two couplings."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from transflower.core.registry import Registry
from transflower.nn.flows.bijection import Bijection
from transflower.nn.flows.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class LinearConfig(ABC):
    """How each flow step mixes the channels before its coupling."""

    registry: ClassVar[Registry["LinearConfig"]] = Registry("flow linear")

    @abstractmethod
    def build(self, dim: int) -> Bijection:
        """A mixture of ``dim`` channels."""


@LinearConfig.registry.register("none")
@dataclass(frozen=True, kw_only=True)
class NoLinearConfig(LinearConfig):
    """No mixture."""

    def build(self, dim: int) -> Bijection:
        """The identity."""
        return Sequence()
