"""The score of a dance: how likely a model finds it, given its music, frame by frame and part by part.

Shape letters: T frames, B beats.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from transflower.core.errors import DataError, ModelError
from transflower.evaluation.body_parts import column_groups
from transflower.evaluation.surprise import WARM_SECONDS, Stretch, surprising_stretches, typical_range
from transflower.features.audio.beat_times import HeardBeats
from transflower.features.audio.silent import silent_stretches
from transflower.features.sidecar import AudioSidecar
from transflower.generation.conditions import song_beats
from transflower.generation.danced import only_motion
from transflower.generation.group_likelihood import GroupLikelihood, group_log_likelihood
from transflower.generation.recordings import ModelledRecording
from transflower.models import LoadedModel

_LEAST_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Score:
    """What a model says of a dance."""

    name: str
    fps: float
    likelihood: GroupLikelihood
    stretches: list[Stretch]
    """Those that stand out, the least likely first."""
    heard: HeardBeats | None = None
    """The beats of the music, from frame 0 of the dance on; None where the model reads none."""

    @property
    def beats(self) -> Float[np.ndarray, " B"]:
        """Their seconds, as far as the dance goes; none where they are too unsure to speak of a beat."""
        if self.heard is None or not self.heard.is_heard:
            return np.zeros(0)
        return self.heard.times[self.heard.times <= self.seconds]

    @property
    def is_counted(self) -> Bool[np.ndarray, " T"]:
        """The frames of which means are taken: not the first second, of which the model has seen no past."""
        return np.arange(len(self.likelihood.whole)) >= round(WARM_SECONDS * self.fps)

    @property
    def seconds(self) -> float:
        """Length of what is scored."""
        return len(self.likelihood.whole) / self.fps

    @property
    def nats_per_dim(self) -> float:
        """Mean log-likelihood."""
        return float(self.likelihood.whole[self.is_counted].mean())

    @property
    def median(self) -> float:
        """Median log-likelihood, which single faults leave as it is."""
        return float(np.median(self.likelihood.whole[self.is_counted]))

    @property
    def bits_per_dim(self) -> float:
        """The same in bits."""
        return self.nats_per_dim / math.log(2)

    @property
    def typical_range(self) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
        """Between which the log-likelihood of what the model draws mostly lies, around each frame."""
        return typical_range(self.likelihood, self.fps)

    @property
    def typical(self) -> float:
        """Mean log-likelihood of what the model draws at the same places."""
        return float(self.likelihood.typical[self.is_counted].mean())


def score(loaded: LoadedModel, recording: ModelledRecording, name: str, *, seed: int = 0) -> Score:
    """Score a dance.

    Raises:
        ModelError: the model has no density, or draws no motion of one dancer.
        DataError: the dance is too short, or the music silent throughout.
    """
    output, sidecar = only_motion(loaded)
    check_scorable(loaded, recording, name, output=output, fps=sidecar.fps)
    likelihood = group_log_likelihood(
        loaded, recording.inputs, recording.outputs, column_groups(sidecar), output=output, seed=seed
    )
    return Score(
        name=name,
        fps=sidecar.fps,
        likelihood=likelihood,
        stretches=surprising_stretches(likelihood, sidecar.fps),
        heard=song_beats(loaded, recording.inputs),
    )


def check_density(loaded: LoadedModel, output: str) -> None:
    """Refuse a model that cannot score.

    Raises:
        ModelError: it has no density.
    """
    if not loaded.model.head(output).has_density:
        raise ModelError(
            f"{loaded.folder} has no likelihood; take a model that has, such as one with a head of type flow"
        )


def check_scorable(loaded: LoadedModel, recording: ModelledRecording, name: str, *, output: str, fps: float) -> None:
    """Refuse what has no score.

    Raises:
        ModelError: the model has no density.
        DataError: the dance is too short, or the music silent throughout.
    """
    check_density(loaded, output)
    seconds = recording.num_frames / fps
    if seconds < _LEAST_SECONDS:
        raise DataError(
            f"{name} and its music have {seconds:.2g} seconds in common, and {_LEAST_SECONDS:g} are needed for a score"
        )
    for condition, rows in recording.inputs.items():
        sidecar = loaded.sidecar(condition, AudioSidecar)
        if sidecar is None:
            continue
        heard = rows[: math.ceil(seconds * sidecar.fps)]
        if silent_stretches(heard, sidecar) == [(0.0, len(heard) / sidecar.fps)]:
            raise DataError(f"the music of {name} is silent throughout; name the song that was danced to")
