"""Search of options: many trials, each a run, chosen by Optuna; it can be stopped and goes on."""

from typing import TYPE_CHECKING

from transflower.core.lazily import loader
from transflower.training.sweep.plan import SweepOn, SweepPlan, read_plan

if TYPE_CHECKING:
    from transflower.training.sweep.search import SweepResult, sweep

__all__ = ["SweepOn", "SweepPlan", "SweepResult", "read_plan", "sweep"]


def __dir__() -> list[str]:
    return sorted(__all__)


__getattr__ = loader(__name__, {"SweepResult": "search", "sweep": "search"})
