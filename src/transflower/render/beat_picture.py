"""A picture of the beats of a song: over its waveform, above the dips of the dancer's hips, and below the tempo.

Shape letters: K stretches, B beats.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from transflower.motion.beats import beat_phases, is_near

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW_SECONDS = 30.0
_MOST_ROWS = 40
"""Of very long songs, rows are longer instead."""
_WIDTH, _ROW_HEIGHT, _TEMPO_HEIGHT, _GAP, _MARGIN, _SIDE = 14.0, 0.9, 1.3, 0.35, 0.5, 0.65
"""In inches."""
_DPI = 110
_POINTS = 1200
"""Of the waveform in a row."""
_WAVEFORM, _BEAT = "#b9bdd2", "#1f2a68"
_NEAR, _OFF, _APART = "#1a8f4c", "#e2582b", "#9a9a9a"
_FAINTEST = 0.15
"""Opacity of the tick of a beat that is not sure at all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BeatPicture:
    """What the picture shows."""

    title: str
    """What stands above it."""
    seconds: float
    """How long the dance is."""
    loudness: Float[np.ndarray, " K"] | None
    """Of equal stretches of that time; None where there is no sound."""
    beats: Float[np.ndarray, " B"]
    """Seconds, ascending."""
    sure: Float[np.ndarray, " B"]
    """How sure each beat is, 0 to 1."""
    tempi: Float[np.ndarray, " B"]
    """Beats per minute around each beat, NaN where unknown."""
    dips: Mapping[str, np.ndarray]
    """Body -> seconds at which its hips are lowest."""

    def write(self, path: Path) -> None:
        """Write it as an image file."""
        from matplotlib.figure import Figure

        count, length = rows_for(self.seconds)
        row = _ROW_HEIGHT + 0.15 * len(self.dips)
        total = 2 * _MARGIN + _TEMPO_HEIGHT + count * (row + _GAP)
        figure = Figure(figsize=(_WIDTH, total))
        width = 1 - 2 * _SIDE / _WIDTH
        figure.text(0.5, 1 - 0.5 * _MARGIN / total, self.title, fontsize=12, ha="center", va="center")
        figure.text(0.5, 0.2 * _MARGIN / total, self._legend(), fontsize=9, ha="center", va="bottom")
        # Placed by hand: matplotlib's own layouts take seconds for many rows.
        bottom = total - _MARGIN - _TEMPO_HEIGHT
        self._draw_tempo(figure.add_axes((_SIDE / _WIDTH, bottom / total, width, _TEMPO_HEIGHT / total)))
        for index in range(count):
            bottom -= row + _GAP
            axes = figure.add_axes((_SIDE / _WIDTH, bottom / total, width, row / total))
            self._draw_row(axes, index * length, min(length, self.seconds))
        figure.savefig(path, dpi=_DPI)

    def _legend(self) -> str:
        told = "seconds; lines are beats, darker where surer"
        if not self.dips:
            return told
        return (
            f"{told}; triangles are dips of the hips, green within 15 % of a beat, orange elsewhere, grey without beats"
        )

    def _draw_tempo(self, axes: "Axes") -> None:
        axes.set_xlim(0, self.seconds)
        axes.set_ylabel("beats per minute", fontsize=9)
        certainty = axes.twinx()
        certainty.set_ylim(0, 1)
        certainty.set_ylabel("sure", fontsize=9)
        moments, sure, tempi = _with_gaps(self.beats, self.sure, self.tempi)
        certainty.fill_between(moments, np.nan_to_num(sure), color=_WAVEFORM, alpha=0.5, linewidth=0)
        axes.plot(moments, tempi, color=_BEAT, linewidth=1.4)
        axes.set_zorder(certainty.get_zorder() + 1)
        axes.patch.set_visible(False)
        known = self.tempi[np.isfinite(self.tempi)]
        if known.size:
            # A steady tempo is a flat line, not its own rounding.
            low, high = np.percentile(known, [2, 98])
            margin = max(6.0, 0.3 * (high - low))
            axes.set_ylim(low - margin, high + margin)
        else:
            axes.set_yticks([])
        for one in (axes, certainty):
            one.tick_params(labelsize=8)
            one.spines["top"].set_visible(False)

    def _draw_row(self, axes: "Axes", start: float, length: float) -> None:
        bottom = -1.2 - 0.3 * len(self.dips)
        axes.set_xlim(start, start + length)
        axes.set_ylim(bottom, 1.1)
        axes.set_yticks([])
        axes.tick_params(labelsize=8)
        axes.spines[["top", "left", "right"]].set_visible(False)
        self._draw_waveform(axes, start, length)
        self._draw_beats(axes, start, start + length)
        for index, (name, dips) in enumerate(self.dips.items()):
            here = dips[(dips >= start) & (dips <= start + length)]
            height = -1.25 - 0.3 * index
            if len(here):
                axes.scatter(here, np.full(len(here), height), marker="^", s=22, c=self._colours(here), linewidth=0)
            if len(self.dips) > 1:
                axes.text(start, height, f"{name} ", fontsize=8, ha="right", va="center")

    def _draw_beats(self, axes: "Axes", start: float, stop: float) -> None:
        inside = (self.beats >= start) & (self.beats <= min(stop, self.seconds))
        if inside.any():
            alpha = _FAINTEST + (1 - _FAINTEST) * self.sure[inside]
            axes.vlines(self.beats[inside], -1, 1, colors=_BEAT, linewidth=1.2, alpha=alpha)

    def _draw_waveform(self, axes: "Axes", start: float, length: float) -> None:
        if self.loudness is None or not len(self.loudness):
            return
        rate = len(self.loudness) / self.seconds
        part = self.loudness[int(start * rate) : math.ceil((start + length) * rate)]
        step = max(1, len(part) // _POINTS)
        loudest = np.maximum.reduceat(part, np.arange(0, len(part), step)) / max(float(self.loudness.max()), 1e-12)
        moments = start + (np.arange(len(loudest)) + 0.5) * step / rate
        axes.fill_between(moments, -loudest, loudest, color=_WAVEFORM, linewidth=0)

    def _colours(self, dips: np.ndarray) -> list[str]:
        if len(self.beats) < 2:
            return [_APART] * len(dips)
        phases = beat_phases(dips, self.beats)
        return np.where(np.isnan(phases), _APART, np.where(is_near(phases), _NEAR, _OFF)).tolist()


def rows_for(seconds: float) -> tuple[int, float]:
    """How many rows show so many seconds, and how many seconds each may show."""
    length = max(_ROW_SECONDS, seconds / _MOST_ROWS)
    return max(1, math.ceil(seconds / length - 1e-9)), length


def _with_gaps(beats: np.ndarray, sure: np.ndarray, tempi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same with NaN where the next beat is not the next beat of the tempo, so that no line bridges the gap."""
    is_next = np.diff(beats) * tempi[:-1] / 60 <= 1.5
    gaps = np.repeat(np.flatnonzero(~is_next) + 1, 2)
    ends = beats[gaps - np.tile([1, 0], len(gaps) // 2)]
    return np.insert(beats, gaps, ends), np.insert(sure, gaps, np.nan), np.insert(tempi, gaps, np.nan)
