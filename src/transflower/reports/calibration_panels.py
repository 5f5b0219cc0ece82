"""Calibration as the page shows it: one chart a question, with the curves of all models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transflower.evaluation.body_parts import ALL
from transflower.evaluation.calibration.forecasts import MODEL
from transflower.evaluation.calibration.summary import CalibrationSummary, Curve

Summaries = Mapping[str, CalibrationSummary]


@dataclass(frozen=True, kw_only=True)
class CalibrationCurve:
    """One line with its interval."""

    name: str
    """Of the system."""
    of: str
    """Who forecasts, where that is not the system."""
    curve: Curve


@dataclass(frozen=True, kw_only=True)
class CalibrationPanel:
    """One chart."""

    title: str
    x_title: str
    ideal: Sequence[tuple[float, float]]
    """The line on which calibrated models lie; empty where there is none."""
    curves: Sequence[CalibrationCurve]


def calibration_panels(found: Summaries) -> Sequence[CalibrationPanel]:
    """The charts that some model has a curve for."""
    groups = [*dict.fromkeys(group for one in found.values() for group in one.reliability)]
    diagonal, level = ((0.0, 0.0), (1.0, 1.0)), ((0.0, 1.0), (1.0, 1.0))
    panels = [
        _panel(
            _titled("next frames within central intervals", group), _SHARE, diagonal, _of(found, _reliability(group))
        )
        for group in groups
    ]
    panels += [
        _panel("rank of next frames among samples (density)", _PIT, level, _of(found, _ranks)),
        _panel("latents of next frames (density)", _PIT, level, _of(found, lambda one: one.latents)),
        _panel("CRPS of forecasts (deviations)", _AHEAD, (), _forecasts(found, lambda one: one.crps)),
        _panel("energy score of forecasts (deviations)", _AHEAD, (), _forecasts(found, lambda one: one.energy)),
    ]
    return [panel for panel in panels if panel.curves]


_SHARE, _PIT, _AHEAD = "share of the interval", "0 lowest, 1 highest", "seconds ahead"


def _titled(title: str, group: str) -> str:
    return title if group == ALL else f"{title}: {group}"


def _panel(
    title: str, x_title: str, ideal: Sequence[tuple[float, float]], curves: Sequence[CalibrationCurve]
) -> CalibrationPanel:
    return CalibrationPanel(title=title, x_title=x_title, ideal=ideal, curves=curves)


def _reliability(group: str) -> Callable[[CalibrationSummary], Curve | None]:
    return lambda one: one.reliability.get(group)


def _ranks(one: CalibrationSummary) -> Curve | None:
    return one.ranks.get(ALL)


def _of(found: Summaries, choose: Callable[[CalibrationSummary], Curve | None]) -> list[CalibrationCurve]:
    chosen = {name: choose(one) for name, one in found.items()}
    return [CalibrationCurve(name=name, of="", curve=curve) for name, curve in chosen.items() if curve is not None]


def _forecasts(found: Summaries, choose: Callable[[CalibrationSummary], Mapping[str, Curve]]) -> list[CalibrationCurve]:
    """Of the models, and of what forecasts without one, which is the same for all."""
    curves = [
        CalibrationCurve(name=name, of="", curve=choose(one)[MODEL]) for name, one in found.items() if choose(one)
    ]
    others = choose(next(iter(found.values()))) if found else {}
    return curves + [
        CalibrationCurve(name=name, of=name, curve=curve) for name, curve in others.items() if name != MODEL
    ]
