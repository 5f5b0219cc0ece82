"""The picture of a comparison: distances over time, with the beats, and by parts of the body."""

import io
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from transflower.evaluation.comparison import Comparison
from transflower.reports.heat_colours import heat_colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE = (10.0, 5.0)
_POSITION, _POSE, _BEAT = "#1f2a68", "#e2582b", "#9aa0bf"
_MOST_TICKS = 400


def comparison_figure(comparison: Comparison, beats: Float[np.ndarray, " B"] | None) -> "Figure":
    """Draw it; beats are in seconds from the first common frame on."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    curve, parts = figure.subplots(2, 1, sharex=True, height_ratios=(1.1, 1))
    moments = np.arange(len(comparison.pose_error)) / comparison.fps
    curve.plot(moments, 100 * comparison.position_error, color=_POSITION, linewidth=1, label="of the joints")
    curve.plot(moments, 100 * comparison.pose_error, color=_POSE, linewidth=1, label="with the hips at the same place")
    curve.set_ylim(0, None)
    curve.set_ylabel("mean distance (cm)", fontsize=9)
    curve.legend(fontsize=8, frameon=False, ncols=2, loc="upper right")
    curve.spines[["top", "right"]].set_visible(False)
    if beats is not None and len(beats) <= _MOST_TICKS:
        top = curve.get_ylim()[1]
        curve.vlines(beats, 0.96 * top, top, colors=_BEAT, linewidth=1)
    rows = 100 * np.stack(list(comparison.parts.values()))
    image = parts.imshow(
        rows,
        aspect="auto",
        interpolation="nearest",
        extent=(0, len(moments) / comparison.fps, len(rows) - 0.5, -0.5),
        cmap=heat_colours(),
        vmin=0,
        vmax=max(1.0, float(np.percentile(rows, 99))),
    )
    parts.set_yticks(range(len(rows)), list(comparison.parts), fontsize=8)
    parts.set_xlabel(
        "seconds" + ("; ticks at the top are beats" if beats is not None and len(beats) else ""), fontsize=9
    )
    bar = figure.colorbar(image, ax=parts, extend="max", pad=0.01)
    bar.set_label("cm", fontsize=8)
    for axes in (curve, parts, bar.ax):
        axes.tick_params(labelsize=8)
    return figure


def as_svg(figure: "Figure") -> str:
    """The figure as an element of a page."""
    import matplotlib as mpl

    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "comparison", "font.family": "sans-serif"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :]
