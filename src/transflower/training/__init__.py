"""Training: an experiment becomes a run folder, by Lightning, with validation, and resumes exactly."""

from transflower.training.options import Experiment, RolloutConfig, TrainingConfig
from transflower.training.run import Result, train

__all__ = ["Experiment", "Result", "RolloutConfig", "TrainingConfig", "train"]
