"""The picture of a score: likelihood over time beside what is typical, with the beats, and by parts of the body."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from transflower.core.files import atomic_path
from transflower.evaluation.score import Score
from transflower.evaluation.surprise import smooth
from transflower.evaluation.tables import shown
from transflower.reports.heat_colours import heat_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _SECONDS_WIDTH, _WIDEST, _HEIGHT, _DPI = 10.0, 0.16, 40.0, 5.2, 110
"""Inches, and inches for each second of longer dances."""
_LINE, _FRAMES, _TYPICAL, _MARK, _BEAT = "#1f2a68", "#aab0d0", "#4fa878", "#e2582b", "#9aa0bf"
_SURPRISES = (0, 1, 10, 100, 1000)
"""Nats per dimension that the scale of the map tells; it is logarithmic, for a broken frame may lie at thousands."""
_ABOVE = -0.75
"""Height of marks over the map, in its rows."""
_CALM, _DEEPEST = 2.0, 1e4
"""Nats per dimension below what is typical that the axis shows at least, and at most."""
_NEAR, _ROUND = 6.0, (0.0, -10.0, -100.0, -1000.0, -10000.0)
"""Depth of an axis that has whole numbers; a deeper one has these, and one near what is typical."""
_MOST_TICKS = 400
"""Beats; more are a grey band."""


def write_score_figure(path: Path, score: Score) -> None:
    """Draw a score over time; the suffix of the path says the format."""
    from matplotlib.figure import Figure

    width = min(_WIDEST, max(_WIDTH, _SECONDS_WIDTH * score.seconds))
    figure = Figure(figsize=(width, _HEIGHT), layout="constrained")
    curve, parts = figure.subplots(2, 1, sharex=True, height_ratios=(1.2, 1))
    _draw_curve(curve, score)
    _draw_parts(figure, parts, score)
    for number, stretch in enumerate(score.stretches, 1):
        curve.axvspan(stretch.start, stretch.stop, color=_MARK, alpha=0.25, linewidth=0)
        curve.annotate(
            str(number),
            ((stretch.start + stretch.stop) / 2, 0.93),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            fontsize=8,
            color=_MARK,
            weight="bold",
        )
        parts.plot([stretch.start, stretch.stop], [_ABOVE, _ABOVE], color=_MARK, linewidth=4, solid_capstyle="butt")
    told = f"median {shown(score.median)}, mean {shown(score.nats_per_dim)}, typical {shown(score.typical)} nats/dim"
    figure.suptitle(f"{score.name}: {told}", fontsize=11)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, format=path.suffix[1:])


def _draw_curve(axes: "Axes", score: Score) -> None:
    counted = score.is_counted
    moments = np.flatnonzero(counted) / score.fps
    whole, low, high = (values[counted] for values in (score.likelihood.whole, *score.typical_range))
    axes.fill_between(moments, low, high, color=_TYPICAL, alpha=0.35, linewidth=0, label="typical: 90 % of its samples")
    axes.plot(moments, whole, color=_FRAMES, linewidth=0.7, label="frames of the dance")
    axes.plot(moments, smooth(whole, score.fps), color=_LINE, linewidth=1.3, label="mean over 0.2 s")
    _scale(axes, lowest=float(whole.min()), typical=float(np.median(score.likelihood.typical[counted])))
    beats = score.beats if len(score.beats) <= _MOST_TICKS else score.beats[:0]
    axes.vlines(beats, 0.95, 1, colors=_BEAT, linewidth=1, transform=axes.get_xaxis_transform())
    axes.set_ylabel("log-likelihood\n(nats per dimension)", fontsize=9)
    axes.legend(fontsize=8, frameon=False, loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _scale(axes: "Axes", *, lowest: float, typical: float) -> None:
    """The axis is linear within a nat of what is typical, and logarithmic beyond."""

    def height(values: np.ndarray) -> np.ndarray:
        return np.arcsinh(values - typical)

    def value(heights: np.ndarray) -> np.ndarray:
        return typical + np.sinh(heights)

    bottom = typical - float(np.clip(typical - lowest, _CALM, _DEEPEST))
    depth = np.arcsinh(typical - bottom)
    axes.set_yscale("function", functions=(height, value))
    axes.set_ylim(typical - np.sinh(1.06 * depth), typical + np.sinh(max(0.75, 0.2 * depth)))
    whole = np.arange(np.ceil(bottom), typical + 0.75) if typical - bottom < _NEAR else [np.floor(typical), *_ROUND]
    ticks = [tick for tick in whole if tick >= bottom]
    axes.set_yticks(ticks, [shown(tick) for tick in ticks])
    axes.minorticks_off()


def _draw_parts(figure: "Figure", axes: "Axes", score: Score) -> None:
    from matplotlib.colors import FuncNorm

    surprise = score.likelihood.group_surprise
    rows = np.stack([smooth(values, score.fps) for values in surprise.values()])
    rows[:, ~score.is_counted] = np.nan
    image = axes.imshow(
        np.clip(rows, 0, None),
        aspect="auto",
        interpolation="nearest",
        extent=(0, score.seconds, len(rows) - 0.5, -0.5),
        cmap=heat_colours(),
        norm=FuncNorm((np.log1p, np.expm1), vmin=0, vmax=_SURPRISES[-1]),
    )
    axes.set_ylim(len(rows) - 0.5, _ABOVE - 0.3)
    axes.set_yticks(range(len(rows)), list(surprise), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.set_xlabel("seconds; ticks at the top are beats of the music, orange stretches stand out", fontsize=9)
    bar = figure.colorbar(image, ax=axes, extend="max", pad=0.01, ticks=_SURPRISES)
    bar.set_label("surprise\n(nats per dimension)", fontsize=8)
    bar.ax.tick_params(labelsize=8)
