"""The picture of a search for the offset: log-likelihood over shifts of the song."""

from pathlib import Path

from transflower.core.files import atomic_path
from transflower.evaluation.music_offset import OffsetCurve

_SIZE = (10.0, 3.1)
"""Inches."""
_LINE, _MARK, _ZERO = "#1f2a68", "#e2582b", "#9aa0bf"
_DPI = 110


def write_offset_figure(path: Path, curve: OffsetCurve, name: str) -> None:
    """Draw the log-likelihood of a dance over shifts of its song."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(curve.seconds, curve.nats - curve.nats.max(), color=_LINE, linewidth=1.3)
    axes.axvline(0, color=_ZERO, linewidth=0.8)
    axes.axvline(curve.best, color=_MARK, linewidth=1.2)
    told = f"{curve.best:+.2f} s, confidence {curve.confidence:.2f}"
    axes.set_title(f"{name}: {told if curve.is_sure else f'no shift is claimed (likeliest {told})'}", fontsize=11)
    axes.set_xlabel("second of the song that is heard at second 0 of the dance")
    axes.set_ylabel("nats below the likeliest")
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, format=path.suffix[1:])
