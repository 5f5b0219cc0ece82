"""A report of small dances: the real ones a quarter of a second late, and a body that stands still."""

from dataclasses import replace

import numpy as np

from tests.evaluation.metrics.factories import make_setting, make_system, standing, swaying
from transflower.evaluation.body_parts import ALL
from transflower.evaluation.bootstrap import Estimate
from transflower.evaluation.calibration.forecasts import MODEL, REPEAT
from transflower.evaluation.calibration.summary import CalibrationSummary, Curve
from transflower.evaluation.metric import Number
from transflower.evaluation.results import Definition, Results
from transflower.evaluation.system import Setting, System

IDS = ("one", "two")
FRAMES = 330


def make_reported(name: str = "late") -> tuple[list[System], Setting]:
    """Two systems, a row of the data, and their setting, with a beat each half second."""
    real = {one: [swaying(FRAMES, seed=index)] for index, one in enumerate(IDS)}
    late = {one: [clip[0][8:], clip[0][4:]] for one, clip in real.items()}
    still = {one: [standing(FRAMES)] for one in IDS}
    long = make_system({"one": [swaying(FRAMES, seed=5, size=0.5)]})
    systems = [
        replace(make_system(late), name=name, long=long.samples),
        replace(make_system(still), name="still"),
        replace(make_system(real), name="real"),
    ]
    return systems, make_setting(real, beats={one: np.arange(0.5, 11, 0.5) for one in IDS})


def make_summary() -> CalibrationSummary:
    """Of a model that is too sure of its next frames."""
    share = Curve(at=(0.5, 0.9), value=(0.3, 0.6), low=(0.2, 0.5), high=(0.4, 0.7))
    density = Curve(at=(0.25, 0.75), value=(1.5, 0.5), low=(np.nan, np.nan), high=(np.nan, np.nan))
    forecasts = {MODEL: share, REPEAT: share}
    return CalibrationSummary(
        recordings=2,
        reliability={ALL: share, "legs": share},
        ranks={ALL: density},
        latents=None,
        crps=forecasts,
        energy={},
        spread={},
    )


def make_results(systems: list[System]) -> Results:
    """One number of each, and one that the second does not have."""
    numbers = {"fpd": Number(title="FPD", better="lower"), "nats": Number(title="likelihood (nats/dim)")}
    definitions = {
        "Frechet": Definition(group="distribution", text="A distance.", source="2021", columns=("fpd",)),
        "Likelihood": Definition(group="likelihood", text="A density.", source="2021", columns=("nats",)),
    }
    rows = {
        system.name: {"fpd": Estimate(value=float(index), low=index - 0.5, high=np.nan, recordings=2)}
        for index, system in enumerate(systems)
    }
    rows[systems[0].name]["nats"] = Estimate(value=-1.25, low=-1.5, high=-1.0, recordings=2)
    paired = {"fpd": Estimate(value=1.0, low=0.5, high=1.5, recordings=2)}
    missing = {system.name: {"Likelihood": "it has no density"} for system in systems[1:]}
    setting = {"frames per second": 30.0, "seed": 0, "split": "val"}
    return Results(
        setting=setting,
        columns=numbers,
        definitions=definitions,
        systems=rows,
        differences={systems[0].name: {systems[1].name: paired}},
        missing=missing,
    )
