"""The figure of a sweep: the metric over each option, and all options of each trial side by side."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from transflower.core.files import atomic_path
from transflower.training.sweep.plan import Choice, Range, SweepPlan
from transflower.training.sweep.study import Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BEST = "#d95f02"
_MOST_COLUMNS = 4


def draw_trials(path: Path, plan: SweepPlan, trials: Sequence[Trial], best: Trial) -> None:
    """Write a PNG of the trials that have a value."""
    from matplotlib.figure import Figure

    known = [one for one in trials if one.value is not None]
    names = list(plan.space)
    rows = math.ceil(len(names) / _MOST_COLUMNS)
    columns = math.ceil(len(names) / rows)
    figure = Figure(figsize=(max(8.0, 3.4 * columns), 3 * rows + 3.4), layout="constrained")
    grid = figure.add_gridspec(rows + 1, columns)
    for index, name in enumerate(names):
        _scatter(figure.add_subplot(grid[index // columns, index % columns]), plan, name, known, best)
    _parallel(figure.add_subplot(grid[rows, :]), plan, known, best)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _scatter(axes: "Axes", plan: SweepPlan, name: str, trials: Sequence[Trial], best: Trial) -> None:
    choices = plan.space[name]
    if isinstance(choices, Range):
        places = [float(_number(one.params[name])) for one in trials]
        if choices.log:
            axes.set_xscale("log")
        axes.set_xlim(choices.low, choices.high)
    else:
        places = [float(choices.index(one.params[name])) for one in trials]
        axes.set_xticks(range(len(choices)), [str(one) for one in choices])
        axes.set_xlim(-0.5, len(choices) - 0.5)
    colours = [_BEST if one.number == best.number else "#1f77b4" for one in trials]
    axes.scatter(places, [one.value or 0.0 for one in trials], c=colours, s=28, zorder=3, clip_on=False)
    axes.set(xlabel=name, ylabel=plan.limits.metric)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _parallel(axes: "Axes", plan: SweepPlan, trials: Sequence[Trial], best: Trial) -> None:
    """Each trial is a line through its options; the last axis is the metric."""
    values = np.array([one.value for one in trials], float)
    low, spread = values.min(), max(float(np.ptp(values)), 1e-12)
    names = [*plan.space, plan.limits.metric]
    for one, value in sorted(zip(trials, values, strict=True), key=lambda pair: pair[0].number == best.number):
        heights = [*(_height(plan.space[name], one.params[name]) for name in plan.space), (value - low) / spread]
        is_best = one.number == best.number
        style: dict[str, Any] = {"color": _BEST, "linewidth": 2.5} if is_best else {"color": "#1f77b4", "alpha": 0.45}
        axes.plot(range(len(names)), heights, marker="o", markersize=3, **style)
    for place, name in enumerate(plan.space):
        bottom, top = _ends(plan.space[name])
        axes.text(place, -0.06, bottom, ha="center", va="top", fontsize=8)
        axes.text(place, 1.06, top, ha="center", va="bottom", fontsize=8)
    axes.text(len(names) - 1, -0.06, f"{low:.4g}", ha="center", va="top", fontsize=8)
    axes.text(len(names) - 1, 1.06, f"{values.max():.4g}", ha="center", va="bottom", fontsize=8)
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.tick_params(axis="x", length=0, pad=14)
    axes.set_yticks([])
    axes.set_ylim(-0.1, 1.1)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    for place in range(len(names)):
        axes.axvline(place, color="0.8", linewidth=1, zorder=0)


def _height(choices: tuple[Choice, ...] | Range, value: Choice) -> float:
    if not isinstance(choices, Range):
        return choices.index(value) / max(1, len(choices) - 1)
    low, high, number = (float(_number(one)) for one in (choices.low, choices.high, value))
    if choices.log:
        low, high, number = math.log(low), math.log(high), math.log(number)
    return (number - low) / (high - low)


def _ends(choices: tuple[Choice, ...] | Range) -> tuple[str, str]:
    if isinstance(choices, Range):
        return f"{choices.low:g}", f"{choices.high:g}"
    return str(choices[0]), str(choices[-1]) if len(choices) > 1 else ""


def _number(value: Choice) -> float:
    assert isinstance(value, int | float)
    return value
