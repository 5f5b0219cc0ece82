"""Held-out likelihood in the course of training, and how much sooner one model gets where another did."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transflower.core.files import atomic_path


@dataclass(frozen=True)
class Curve:
    """Measurements in the order of training."""

    seconds: tuple[float, ...]
    """CPU-seconds of steps before each."""
    nats: tuple[float, ...]
    """Nats per dimension of held-out frames; lower is better."""

    @property
    def best(self) -> float:
        """The lowest value."""
        return min(self.nats)

    def seconds_to(self, nats: float) -> float:
        """CPU-seconds before the first measurement that is at least as good; infinite if none is."""
        reached = (after for after, value in zip(self.seconds, self.nats, strict=True) if value <= nats)
        return next(reached, math.inf)


def draw_curves(path: Path, curves: Mapping[str, Curve]) -> None:
    """Lines over a logarithm of CPU-seconds, as a picture file."""
    from matplotlib.figure import Figure

    metric = Figure(figsize=(8, 4.5), layout="constrained")
    axes = metric.subplots()
    for name, curve in curves.items():
        (line,) = axes.plot(curve.seconds, curve.nats, label=name)
        best = curve.nats.index(curve.best)
        axes.plot(curve.seconds[best], curve.best, "o", color=line.get_color())
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("CPU-seconds of training steps, one thread")
    axes.set_ylabel("held-out nats per dimension")
    axes.legend(frameon=False)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        metric.savefig(temporary, dpi=110)
