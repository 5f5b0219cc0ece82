"""Calibration of the next frame, recording by recording: coverage of central intervals, histograms, temperature.

Shape letters: K recordings, C levels, B bins, G temperatures, V columns, n positions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from transflower.core.progress import progress
from transflower.data.store import Store
from transflower.evaluation.body_parts import ALL, BODY, column_groups, merge_sides
from transflower.evaluation.calibration.options import BINS, CURVE, POSITIONS, SAMPLES, TEMPERATURES
from transflower.evaluation.calibration.predictions import Latents, Predictions, predict
from transflower.evaluation.modelled import modelled, recordings_of
from transflower.evaluation.system import Setting, System
from transflower.features.sidecar import MotionSidecar, sidecar_from_dict
from transflower.models import LoadedModel
from transflower.models.heads.flow import FlowHead
from transflower.models.scaling import TargetScaling


@dataclass(frozen=True, kw_only=True, eq=False)
class OneStep:
    """Of one recording."""

    coverage: Mapping[str, Float[np.ndarray, "G C"]]
    """Group of columns -> share of true values within the central interval of each level of ``CURVE``, at each
    temperature; the first is 1."""
    ranks: Mapping[str, Float[np.ndarray, " B"]]
    """Group of columns -> histogram of the ranks of true values among samples."""
    latents: Latents | None
    """None where the head is no flow."""

    @property
    def latent_histogram(self) -> Float[np.ndarray, " B"]:
        """Of the base's distribution function of latents."""
        assert self.latents is not None
        return histogram(self.latents.uniform)


def one_step(system: System, setting: Setting) -> dict[str, OneStep]:
    """Predictions of the next frame of each recording; they are made once.

    Raises:
        NotMeasurable: it is no model, or cannot read the recordings.
    """
    return system.once(("one step", setting), lambda: _one_step(system, setting))


def histogram(uniform: np.ndarray) -> Float[np.ndarray, " B"]:
    """Shares of equal bins from 0 to 1."""
    counts, _ = np.histogram(uniform, bins=BINS, range=(0, 1))
    return counts / counts.sum()


def _one_step(system: System, setting: Setting) -> dict[str, OneStep]:
    loaded, output = modelled(system, setting)
    recordings, groups = recordings_of(system, setting), _modelled_groups(loaded, output, setting)
    is_flow = isinstance(loaded.model.head(output), FlowHead)
    found = {}
    for one, recording in progress(recordings.items(), label="calibration", unit="recording"):
        predictions = predict(
            loaded,
            recording,
            output,
            positions=max(1, round(POSITIONS / len(recordings))),
            samples=SAMPLES,
            temperatures=(1.0,) if is_flow else (1.0, *TEMPERATURES),
            seed=setting.seed,
        )
        found[one] = _summarised(predictions, groups)
    return found


def _summarised(predictions: Predictions, groups: Mapping[str, np.ndarray]) -> OneStep:
    distance = 2 * np.abs(predictions.ranks - 0.5)
    return OneStep(
        coverage={
            name: np.stack([(distance[:, :, columns] < level).mean((1, 2)) for level in CURVE], axis=1)
            for name, columns in groups.items()
        },
        ranks={name: histogram(predictions.ranks[0][:, columns]) for name, columns in groups.items()},
        latents=predictions.latents,
    )


def _modelled_groups(loaded: LoadedModel, output: str, setting: Setting) -> dict[str, np.ndarray]:
    """Places of the columns of each group among those that the model draws."""
    scaling = loaded.model.scaling(output)
    assert isinstance(scaling, TargetScaling), "only continuous outputs are evaluated"
    drawn = scaling.varying.cpu().numpy()
    found = {name: np.flatnonzero(np.isin(drawn, group)) for name, group in _groups(setting).items()}
    return {name: places for name, places in found.items() if len(places)}


def _groups(setting: Setting) -> dict[str, Sequence[int]]:
    """Groups of the columns of the output, as on disk; of what is no body, all together."""
    groups: dict[str, Sequence[int]] = {ALL: range(setting.moments[0].shape[0])}
    tree = Store(setting.data).sidecar(setting.output) or {}
    if tree.get("kind") != "motion":
        return groups
    sidecar = sidecar_from_dict(tree, setting.data / f"{setting.output}.json")
    assert isinstance(sidecar, MotionSidecar)
    parts = merge_sides(column_groups(sidecar))
    return groups if BODY in parts else {**groups, **parts}
