"""Training: an experiment becomes a run folder, by Lightning, with validation, and resumes exactly."""

from typing import TYPE_CHECKING

from transflower.core.lazily import loader

if TYPE_CHECKING:
    from transflower.training.options import Experiment, RolloutConfig, TrainingConfig
    from transflower.training.run import Result, train

__all__ = ["Experiment", "Result", "RolloutConfig", "TrainingConfig", "train"]


def __dir__() -> list[str]:
    return sorted(__all__)


__getattr__ = loader(
    __name__,
    {
        "Experiment": "options",
        "RolloutConfig": "options",
        "TrainingConfig": "options",
        "Result": "run",
        "train": "run",
    },
)
