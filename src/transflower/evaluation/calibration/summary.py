"""What charts of calibration show of a system: numbers with intervals, also as JSON.

Shape letters: K recordings, X places of a curve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.plain import plain
from transflower.evaluation.bootstrap import interval_of_means
from transflower.evaluation.calibration.forecasts import SOURCES, Forecasts, forecasts
from transflower.evaluation.calibration.one_step import one_step
from transflower.evaluation.calibration.options import BINS, CURVE, HORIZONS
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.system import Setting, System


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Numbers with their 95 % intervals, by the bootstrap over recordings."""

    at: tuple[float, ...]
    """Nominal shares, middles of bins, or seconds."""
    value: tuple[float, ...]
    low: tuple[float, ...]
    """NaN where there are too few recordings."""
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class CalibrationSummary:
    """How well calibrated a system is."""

    recordings: int
    reliability: Mapping[str, Curve]
    """Group of columns -> share of next frames within central intervals of these nominal shares."""
    ranks: Mapping[str, Curve]
    """Group of columns -> density of the ranks of next frames among samples: 1 where it is calibrated."""
    latents: Curve | None
    """Density of the base's distribution function of latents: 1 where it is calibrated. None without a flow."""
    crps: Mapping[str, Curve]
    """Who forecasts -> CRPS by seconds ahead; empty where recordings are too short."""
    energy: Mapping[str, Curve]
    """The same of the energy score."""
    spread: Mapping[str, Curve]
    """Nominal share, as ``90%`` -> share of true values within it, by seconds ahead."""

    def json(self) -> dict[str, object]:
        """As plain values; what is not known is null."""
        found: dict[str, object] = plain(self)
        return found


def summarise(system: System, setting: Setting) -> CalibrationSummary:
    """The curves of a system.

    Raises:
        NotMeasurable: it is no model, or cannot read the recordings.
    """
    steps = list(one_step(system, setting).values())
    try:
        ahead = list(forecasts(system, setting).values())
    except NotMeasurable:
        ahead = []
    middles = tuple((np.arange(BINS) + 0.5) / BINS)

    def curve(at: Sequence[float], values: Sequence[Float[np.ndarray, " X"]]) -> Curve:
        return _curve(at, np.array(values), setting.seed)

    def scores(kind: str) -> dict[str, Curve]:
        return {one: curve(HORIZONS, [getattr(part, kind)[one] for part in ahead]) for one in SOURCES if ahead}

    groups = steps[0].coverage
    return CalibrationSummary(
        recordings=len(steps),
        reliability={name: curve(CURVE, [part.coverage[name][0] for part in steps]) for name in groups},
        ranks={name: curve(middles, [BINS * part.ranks[name] for part in steps]) for name in groups},
        latents=curve(middles, [BINS * part.latent_histogram for part in steps]) if steps[0].latents else None,
        crps=scores("crps"),
        energy=scores("energy"),
        spread={f"{level:.0%}": curve(HORIZONS, _covered(ahead, level)) for level in (0.5, 0.9) if ahead},
    )


def _covered(parts: Sequence[Forecasts], level: float) -> list[Float[np.ndarray, " X"]]:
    return [part.coverage[:, CURVE.index(level)] for part in parts]


def _curve(at: Sequence[float], values: Float[np.ndarray, "K X"], seed: int) -> Curve:
    mean, (low, high) = values.mean(0), interval_of_means(values, seed)
    return Curve(
        at=tuple(map(float, at)), value=tuple(mean.tolist()), low=tuple(low.tolist()), high=tuple(high.tolist())
    )
