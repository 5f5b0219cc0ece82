"""The figure of calibration: reliability, ranks and latents of the next frame, and forecasts of some seconds."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from transflower.core.files import atomic_path
from transflower.evaluation.body_parts import ALL
from transflower.evaluation.calibration.forecasts import MARGINAL, MODEL, REPEAT
from transflower.evaluation.calibration.summary import CalibrationSummary, Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#a6761d")
_STYLES = {MODEL: ("black", "-"), REPEAT: (_COLOURS[1], "--"), MARGINAL: (_COLOURS[2], ":")}


def draw_calibration(path: Path, title: str, found: CalibrationSummary) -> None:
    """Write the figure of a system as a PNG."""
    from matplotlib.figure import Figure

    panels: list[Callable[["Axes"], None]] = [
        lambda axes: _reliability(axes, found.reliability),
        lambda axes: _densities(axes, found),
    ]
    if found.crps:
        panels += [lambda axes: _scores(axes, found.crps), lambda axes: _spread(axes, found.spread)]
    figure = Figure(figsize=(4.2 * len(panels), 4.4), layout="constrained")
    for axes, draw in zip(np.ravel(figure.subplots(1, len(panels))), panels, strict=True):
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{title}: calibration on {found.recordings} recordings, with 95 % intervals over recordings")
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _reliability(axes: "Axes", curves: Mapping[str, Curve]) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1)
    for index, (name, curve) in enumerate(curves.items()):
        _line(axes, curve, name, "black" if name == ALL else _COLOURS[index % len(_COLOURS)], "-")
    axes.set(
        title="The next frame",
        xlabel="central interval (share)",
        ylabel="true values within it (share)",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.legend(frameon=False, fontsize=8)


def _densities(axes: "Axes", found: CalibrationSummary) -> None:
    axes.axhline(1, color="0.6", linewidth=1)
    _line(axes, found.ranks[ALL], "rank among samples", "black", "-")
    if found.latents is not None:
        _line(axes, found.latents, "latents", _COLOURS[0], "-")
    axes.set(title="Where it lies in what was said", xlabel="PIT: 0 lowest, 1 highest", ylabel="density")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _scores(axes: "Axes", curves: Mapping[str, Curve]) -> None:
    for name, curve in curves.items():
        _line(axes, curve, name, *_STYLES[name])
    axes.set(title="Forecasts: lower is better", xlabel="seconds ahead", ylabel="CRPS (standard deviations)")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _spread(axes: "Axes", curves: Mapping[str, Curve]) -> None:
    for index, (name, curve) in enumerate(curves.items()):
        axes.axhline(float(name.rstrip("%")) / 100, color=_COLOURS[index], linewidth=1, alpha=0.5)
        _line(axes, curve, f"central {name}", _COLOURS[index], "-")
    axes.set(title="Spread of samples", xlabel="seconds ahead", ylabel="true values within it (share)", ylim=(0, 1))
    axes.legend(frameon=False, fontsize=8)


def _line(axes: "Axes", curve: Curve, label: str, colour: str, style: str) -> None:
    axes.plot(curve.at, curve.value, color=colour, linestyle=style, marker="o", markersize=3, label=label)
    axes.fill_between(curve.at, curve.low, curve.high, color=colour, alpha=0.15, linewidth=0)
