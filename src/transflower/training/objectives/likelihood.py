"""Maximum likelihood, or whatever loss the heads of the model have."""

from dataclasses import dataclass

from torch import Tensor

from transflower.models import Batch, Model
from transflower.training.objectives.base import OBJECTIVES, Objective, ObjectiveConfig, Update
from transflower.training.optimisers import OptimiserConfig


class LikelihoodObjective(Objective):
    """Minimises the loss of the model with one optimiser."""

    def __init__(self, model: Model, optimiser: OptimiserConfig) -> None:
        super().__init__(model)
        self._optimiser = optimiser

    def updates(self) -> list[Update]:
        """One of all parameters."""
        return [Update(parameters=list(self.model.parameters()), optimiser=self._optimiser, loss=self.loss)]

    def loss(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of the model, and its metrics."""
        return self.model.loss(batch)


@OBJECTIVES.register("likelihood")
@dataclass(frozen=True, kw_only=True)
class LikelihoodConfig(ObjectiveConfig):
    """Minimise the losses of the heads: negative log likelihoods, where they have densities."""

    def build(self, model: Model, optimiser: OptimiserConfig) -> Objective:
        """The objective that trains ``model``."""
        return LikelihoodObjective(model, optimiser)
