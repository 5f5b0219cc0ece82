"""What every objective is: the updates of one training step, and the parameters that only training needs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import Parameter

from transflower.core.registry import Registry
from transflower.models import Batch, Model
from transflower.training.optimisers import OptimiserConfig


@dataclass(frozen=True, kw_only=True, eq=False)
class Update:
    """One optimiser's part of a step: the gradient of a loss with respect to its parameters, clipped, and its step.

    Parameters of the other updates do not require gradients meanwhile.
    """

    parameters: Sequence[Parameter]
    """What changes. No parameter belongs to two updates; those that require no gradient stay as they are."""
    optimiser: OptimiserConfig
    """How they follow the gradient."""
    loss: Callable[[Batch], tuple[Tensor, dict[str, Tensor]]]
    """A scalar to minimise, and detached metrics to log. It draws from torch's own generators."""
    name: str = ""
    """Stands before the names of its metrics (``critic`` logs ``critic/loss``). One update of a step has no name."""


class Objective(nn.Module, ABC):
    """What a training step does: its updates, one after the other.

    ``model`` is averaged, validated and kept. Other parts of this module are trained beside it: a run continues with
    them, and no model folder holds them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    @abstractmethod
    def updates(self) -> list[Update]:
        """The updates of every step, in order. They count as one step."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig(ABC):
    """What a training step does."""

    registry: ClassVar[Registry["ObjectiveConfig"]] = Registry("objective")

    @abstractmethod
    def build(self, model: Model, optimiser: OptimiserConfig) -> Objective:
        """The objective that trains ``model``.

        Args:
            model: not initialised from data yet.
            optimiser: the options of ``training.optimiser``, for the update of the model.

        Raises:
            ModelError: the model cannot be trained so.
        """


OBJECTIVES = ObjectiveConfig.registry
"""Every objective, by the ``type`` that options choose."""
