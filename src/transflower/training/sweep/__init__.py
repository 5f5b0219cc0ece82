"""Search of options: many trials, each a run, chosen by Optuna; it can be stopped and goes on."""

from transflower.training.sweep.plan import SweepPlan, read_plan
from transflower.training.sweep.search import SweepResult, sweep

__all__ = ["SweepPlan", "SweepResult", "read_plan", "sweep"]
