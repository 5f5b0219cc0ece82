"""The log-likelihood of real sequences under the model of a system, in the units of the report.

Shape letters: T frames, D columns.
"""

import math

import numpy as np
from jaxtyping import Float

from transflower.core.errors import TransflowerError
from transflower.core.moments import CONSTANT_STD
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.modelled import modelled, recordings_of
from transflower.evaluation.system import Setting, System
from transflower.generation.likelihood import frame_log_likelihood
from transflower.models import LoadedModel
from transflower.models.scaling import TargetScaling

Frames = Float[np.ndarray, " T"]


def model_of(system: System) -> LoadedModel:
    """The model of a system.

    Raises:
        NotMeasurable: it has none, or one without a density.
    """
    if system.model is None:
        raise NotMeasurable("it is no model")
    if not system.model.model.has_density:
        raise NotMeasurable("the model has no density")
    return system.model


def log_likelihood(system: System, setting: Setting, one: str, *, music_of: str | None = None) -> Frames:
    """Nats of each frame of a real sequence, given its own past and inputs, or the music of another recording.

    They are those of columns that are standardised as the setting does, whatever the model standardises by, so that
    the likelihoods of all models can be compared. With the music of another recording, up to the end of the shorter.
    They are evaluated once.

    Raises:
        NotMeasurable: the system is no model with a density, cannot read the recordings, was trained on another body,
            or reads no music.
    """
    key = ("log-likelihood", setting, one, music_of)
    model_of(system)
    return system.once(key, lambda: _log_likelihood(system, setting, one, music_of or one))


def music_of_model(loaded: LoadedModel) -> list[str]:
    """The conditions that hold music; of a model without descriptions of any, all that are not described.

    Raises:
        NotMeasurable: there is none.
    """
    kinds = {name: loaded.kind(name) for name in loaded.model.conditions}
    found = [name for name, kind in kinds.items() if kind == "audio"]
    found = found or [name for name, kind in kinds.items() if kind is None]
    if not found:
        raise NotMeasurable("the model reads no music")
    return found


def num_columns(setting: Setting) -> int:
    """Columns that vary, over which a likelihood is divided."""
    return int((setting.moments[1] >= CONSTANT_STD).sum())


def _log_likelihood(system: System, setting: Setting, one: str, music_of: str) -> Frames:
    loaded, output = modelled(system, setting)
    recordings = recordings_of(system, setting)
    shift = _change_of_units(loaded, setting, output)
    own, other = recordings[one], recordings[music_of]
    lent = {} if music_of == one else {name: other.inputs[name] for name in music_of_model(loaded)}
    outputs = own.first(min(own.song_frames, other.song_frames, own.num_frames)).outputs
    try:
        per_dim = frame_log_likelihood(loaded, {**own.inputs, **lent}, outputs, seed=setting.seed)[output]
    except TransflowerError as error:
        raise NotMeasurable(f"it cannot read the recordings: {error}") from error
    return per_dim.astype(float) * loaded.model.dims[output] + shift


def _change_of_units(loaded: LoadedModel, setting: Setting, output: str) -> float:
    """Nats by which a frame is likelier in the units of the setting than in those of the model."""
    scaling = loaded.model.scaling(output)
    assert isinstance(scaling, TargetScaling)
    varies = np.flatnonzero(setting.moments[1] >= CONSTANT_STD)
    if scaling.varying.tolist() != varies.tolist():
        raise NotMeasurable("other columns vary in what the model was trained on")
    return float(np.log(setting.moments[1][varies]).sum() - math.fsum(np.log(scaling.std.double().cpu().numpy())))
