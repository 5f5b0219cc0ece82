"""Objectives: what a training step does. Importing this package registers all of them."""

from transflower.training.objectives.base import OBJECTIVES, Objective, ObjectiveConfig, Update
from transflower.training.objectives.likelihood import LikelihoodConfig, LikelihoodObjective

__all__ = ["OBJECTIVES", "LikelihoodConfig", "LikelihoodObjective", "Objective", "ObjectiveConfig", "Update"]
