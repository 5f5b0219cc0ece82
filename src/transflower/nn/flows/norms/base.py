"""What a flow's normalisation is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.registry import Registry
from transflower.nn.flows.bijection import Bijection
from transflower.nn.flows.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class NormConfig(ABC):
    """Which normalisation each flow step starts with."""

    registry: ClassVar[Registry["NormConfig"]] = Registry("flow norm")

    @abstractmethod
    def build(self, dim: int) -> Bijection:
        """A normalisation of ``dim`` channels."""


@NormConfig.registry.register("none")
@dataclass(frozen=True, kw_only=True)
class NoNormConfig(NormConfig):
    """No normalisation."""

    def build(self, dim: int) -> Bijection:
        """The identity."""
        return Sequence()


class DataNorm(Bijection, ABC):
    """A normalisation that must see data before it can be used."""

    is_initialised: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("is_initialised", torch.tensor(False))
        self._is_known_initialised = False

    def check_initialised(self) -> None:
        """Refuse to work with numbers that were never set.

        Raises:
            ModelError: neither ``initialise`` was called nor a trained state loaded.
        """
        # Reading a buffer on an accelerator waits for it, so it is read until it is true and then no more.
        if not self._is_known_initialised:
            self._is_known_initialised = bool(self.is_initialised)
        if not self._is_known_initialised:
            raise ModelError(
                "the flow's normalisation has not seen data yet; "
                "call the model's initialise(batch) before training, or load a trained model"
            )

    def mark_initialised(self) -> None:
        """Remember that the numbers are set."""
        self.is_initialised.fill_(True)
