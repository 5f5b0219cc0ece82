"""Options of a training run, and of the experiment that it belongs to."""

from dataclasses import dataclass, field

from transflower.data.options import DataConfig
from transflower.models import ModelConfig
from transflower.training.objectives import LikelihoodConfig, ObjectiveConfig
from transflower.training.plain_options import RolloutConfig, ShortBestBy, TrainingOptions

__all__ = ["Experiment", "RolloutConfig", "ShortBestBy", "TrainingConfig"]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(TrainingOptions):
    """How a model is trained, checked and kept."""

    objective: ObjectiveConfig = field(default_factory=LikelihoodConfig)
    """What a step does."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Data, model and training: everything that a run depends on."""

    data: DataConfig
    """Where recordings come from."""
    model: ModelConfig
    """What is trained."""
    training: TrainingConfig = field(default_factory=TrainingConfig)
    """How it is trained."""
