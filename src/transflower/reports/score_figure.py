"""The pictures of a score: likelihood over time, with the beats, by parts of the body; and over shifts of the song.

Shape letters: T frames.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from transflower.core.files import atomic_path
from transflower.evaluation.music_offset import OffsetCurve
from transflower.evaluation.score import Score
from transflower.evaluation.surprise import smooth

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _SECONDS_WIDTH, _WIDEST, _HEIGHT, _DPI = 10.0, 0.16, 40.0, 5.2, 110
"""Inches, and inches for each second of longer dances."""
_LINE, _TYPICAL, _MARK, _BEAT = "#1f2a68", "#8a8fa8", "#e2582b", "#9aa0bf"
_SURPRISE = 3.0
"""Nats per dimension at which the colour of the map ends."""
_ABOVE = -0.75
"""Height of marks over the map, in its rows."""
_LINEAR = 10.0
"""Nats per dimension below 0 from which the axis is logarithmic, where a dance goes so low."""
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
    for stretch in score.stretches:
        curve.axvspan(stretch.start, stretch.stop, color=_MARK, alpha=0.25, linewidth=0)
        parts.plot([stretch.start, stretch.stop], [_ABOVE, _ABOVE], color=_MARK, linewidth=4, solid_capstyle="butt")
    figure.suptitle(f"{score.name}: {score.nats_per_dim:.2f} nats/dim, {score.bits_per_dim:.2f} bits/dim", fontsize=11)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, format=path.suffix[1:])


def write_offset_figure(path: Path, curve: OffsetCurve, name: str) -> None:
    """Draw the log-likelihood of a dance over shifts of its song."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, 0.6 * _HEIGHT), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(curve.seconds, curve.nats - curve.nats.max(), color=_LINE, linewidth=1.3)
    axes.axvline(0, color=_BEAT, linewidth=0.8)
    axes.axvline(curve.best, color=_MARK, linewidth=1.2)
    told = f"{curve.best:+.2f} s, confidence {curve.confidence:.2f}"
    axes.set_title(f"{name}: {told if curve.is_sure else f'no shift is claimed (likeliest {told})'}", fontsize=11)
    axes.set_xlabel("second of the song that is heard at second 0 of the dance")
    axes.set_ylabel("nats below the likeliest")
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, format=path.suffix[1:])


def _draw_curve(axes: "Axes", score: Score) -> None:
    moments = np.arange(len(score.likelihood.whole)) / score.fps
    counted = score.is_counted
    whole, typical = score.likelihood.whole, smooth(score.likelihood.typical, score.fps, 1.0)
    axes.plot(moments, whole, color=_LINE, linewidth=0.8, label="of the dance")
    axes.plot(moments, typical, color=_TYPICAL, linewidth=1.2, label="of what the model would draw there")
    lowest, high = float(whole[counted].min()), float(whole[counted].max())
    if lowest < -_LINEAR:
        # A glitch of one frame may lie hundreds of times lower than all others.
        axes.set_yscale("symlog", linthresh=_LINEAR, linscale=2)
    axes.set_ylim(lowest - 0.05 * (high - lowest), high + 0.15 * (high - max(lowest, -_LINEAR)))
    beats = score.beats if len(score.beats) <= _MOST_TICKS else score.beats[:0]
    axes.vlines(beats, 0.94, 1, colors=_BEAT, linewidth=1, transform=axes.get_xaxis_transform())
    axes.set_ylabel("log-likelihood\n(nats per dimension)", fontsize=9)
    axes.legend(fontsize=8, frameon=False, loc="lower left", ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _draw_parts(figure: "Figure", axes: "Axes", score: Score) -> None:
    surprise = score.likelihood.group_surprise
    rows = np.stack([smooth(values, score.fps) for values in surprise.values()])
    rows[:, ~score.is_counted] = np.nan
    image = axes.imshow(
        rows,
        aspect="auto",
        interpolation="nearest",
        extent=(0, score.seconds, len(rows) - 0.5, -0.5),
        cmap="RdBu_r",
        vmin=-_SURPRISE,
        vmax=_SURPRISE,
    )
    axes.set_ylim(len(rows) - 0.5, _ABOVE - 0.3)
    axes.set_yticks(range(len(rows)), list(surprise), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.set_xlabel("seconds; ticks at the top are beats of the music, orange stretches stand out", fontsize=9)
    bar = figure.colorbar(image, ax=axes, extend="both", pad=0.01)
    bar.set_label("surprise\n(nats per dimension)", fontsize=8)
    bar.ax.tick_params(labelsize=8)
