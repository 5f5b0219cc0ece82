"""Search of options: many trials, each a run, chosen by Optuna; it can be stopped and goes on."""

from transflower.training.sweep.plan import SweepPlan, read_plan
from transflower.training.sweep.search import SweepOn, SweepResult, sweep

__all__ = ["SweepOn", "SweepPlan", "SweepResult", "read_plan", "sweep"]
