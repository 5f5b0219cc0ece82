"""Forecasts of some seconds: scores and coverage of free-running samples from moments of each recording.

Shape letters: H horizons, C levels, S samples, V columns, M moments.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.seeds import derive_seed, generator
from transflower.evaluation.calibration.options import CURVE, HORIZONS, MOMENTS, SAMPLES
from transflower.evaluation.calibration.scores import crps, energy_score, rank_uniform
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.modelled import modelled, recordings_of
from transflower.evaluation.system import Setting, System
from transflower.generation import SamplingOptions
from transflower.generation.futures import Moment, draw_futures, frame_step

MODEL, REPEAT, MARGINAL = "model", "last frame repeated", "any frame of the data"
SOURCES = (MODEL, REPEAT, MARGINAL)
"""Who forecasts: the model; the last known frame, for ever; frames of other recordings, drawn at random."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecasts:
    """Of one recording, means over its moments."""

    crps: Mapping[str, Float[np.ndarray, " H"]]
    """Source -> mean over columns, in standard deviations of the data."""
    energy: Mapping[str, Float[np.ndarray, " H"]]
    """Source -> energy score of the whole frame, divided by the square root of the number of columns."""
    coverage: Float[np.ndarray, "H C"]
    """Share of true values within the central interval of each level of ``CURVE``, of the model's samples."""


def forecasts(system: System, setting: Setting) -> dict[str, Forecasts]:
    """Forecasts from moments of each recording that is long enough; they are made once.

    Raises:
        NotMeasurable: it is no model, cannot read the recordings, or all of them are too short.
    """
    return system.once(("forecasts", setting), lambda: _forecasts(system, setting))


def moments_of(num_frames: int, ahead: int, wanted: int, step: int) -> list[int]:
    """The first frames of forecasts, evenly over a recording, each a multiple of ``step``; none at its beginning."""
    first, last = min(ahead, num_frames // 3), num_frames - ahead
    if last < max(first, 1):
        return []
    frames = np.linspace(max(first, 1), last, wanted) if wanted > 1 else np.array([(first + last) / 2])
    return sorted({max(step, int(frame) - int(frame) % step) for frame in frames if frame >= step})


def _forecasts(system: System, setting: Setting) -> dict[str, Forecasts]:
    loaded, output = modelled(system, setting)
    recordings = recordings_of(system, setting)
    last = round(HORIZONS[-1] * setting.fps)
    wanted, step = max(1, round(MOMENTS / len(recordings))), frame_step(loaded.model)
    frames = {one: moments_of(found.num_frames, last, wanted, step) for one, found in recordings.items()}
    places = [(one, frame) for one, some in frames.items() for frame in some]
    if not places:
        raise NotMeasurable(f"the recordings are too short for forecasts of {HORIZONS[-1]:g} seconds")
    moments = [
        Moment(inputs=recordings[one].inputs, outputs=recordings[one].outputs, frame=frame) for one, frame in places
    ]
    options = SamplingOptions(seed=derive_seed(setting.seed, "forecasts"))
    drawn = draw_futures(loaded, moments, num_frames=last, num_samples=SAMPLES, options=options, label="forecasts")
    scored: dict[str, list[Forecasts]] = {one: [] for one, _ in places}
    for (one, frame), futures in zip(places, drawn, strict=True):
        scored[one].append(_scored(setting, one, frame, futures[output]))
    return {one: _mean(parts) for one, parts in scored.items()}


def _scored(setting: Setting, one: str, frame: int, drawn: Float[np.ndarray, "S T D"]) -> Forecasts:
    ahead = [max(1, round(seconds * setting.fps)) for seconds in HORIZONS]
    real = setting.standardised(setting.real[one][0].rows.astype(np.float64))
    truth = real[[frame + steps - 1 for steps in ahead]]
    samples = np.stack([setting.standardised(drawn[:, steps - 1].astype(np.float64)) for steps in ahead])
    sources = {
        MODEL: samples,
        REPEAT: np.broadcast_to(real[frame - 1], (len(ahead), 1, real.shape[1])),
        MARGINAL: np.broadcast_to(_any_frames(setting, one, frame), (len(ahead), SAMPLES, real.shape[1])),
    }
    ranks = rank_uniform(samples, truth, generator(setting.seed, "ranks", one, frame))
    return Forecasts(
        crps={name: crps(rows, truth).mean(-1) for name, rows in sources.items()},
        energy={name: energy_score(rows, truth) / np.sqrt(real.shape[1]) for name, rows in sources.items()},
        coverage=np.stack([(2 * np.abs(ranks - 0.5) < level).mean(-1) for level in CURVE], axis=-1),
    )


def _any_frames(setting: Setting, one: str, frame: int) -> Float[np.ndarray, "S V"]:
    """Frames of the other recordings of the reference, or of all where there is no other."""
    others = [sample.rows for name, samples in setting.reference.items() if name != one for sample in samples] or [
        sample.rows for sample in setting.real[one]
    ]
    rng = generator(setting.seed, "marginal", one, frame)
    lengths = np.array([len(rows) for rows in others])
    chosen = rng.choice(len(others), size=SAMPLES, p=lengths / lengths.sum())
    return setting.standardised(
        np.stack([others[index][rng.integers(lengths[index])] for index in chosen]).astype(float)
    )


def _mean(parts: list[Forecasts]) -> Forecasts:
    return Forecasts(
        crps={name: np.mean([part.crps[name] for part in parts], axis=0) for name in SOURCES},
        energy={name: np.mean([part.energy[name] for part in parts], axis=0) for name in SOURCES},
        coverage=np.mean([part.coverage for part in parts], axis=0),
    )
