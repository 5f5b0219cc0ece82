"""Recordings as the model of a system reads them."""

from transflower.core.errors import TransflowerError
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.same_columns import check_columns
from transflower.evaluation.system import Setting, System
from transflower.generation.conditions import feature_name
from transflower.generation.recordings import ModelledRecording, read_recording
from transflower.models import LoadedModel


def modelled(system: System, setting: Setting) -> tuple[LoadedModel, str]:
    """The model of a system, and its name of the output that is evaluated.

    Raises:
        NotMeasurable: it has none, or one of other outputs.
    """
    if system.model is None:
        raise NotMeasurable("it is no model")
    output = output_of(system.model, setting.output)
    if output is None:
        raise NotMeasurable(f"the model does not draw {setting.output}")
    return system.model, output


def output_of(loaded: LoadedModel, feature: str) -> str | None:
    """What a model calls its output that is a feature of the data; None where it has no such output."""
    return next((name for name in loaded.model.config.outputs if feature_name(loaded, name) == feature), None)


def recordings_of(system: System, setting: Setting) -> dict[str, ModelledRecording]:
    """The recordings of a setting as the model of a system reads them, as long as the setting has them; read once.

    Raises:
        NotMeasurable: the model cannot read them, or was trained on another body.
    """
    return system.once(("recordings", setting), lambda: _read(system, setting))


def _read(system: System, setting: Setting) -> dict[str, ModelledRecording]:
    loaded, output = modelled(system, setting)
    check_columns(loaded, output, setting)
    try:
        found = {one: read_recording(loaded, setting.data, one) for one in setting.ids}
    except TransflowerError as error:
        raise NotMeasurable(f"it cannot read the recordings: {error}") from error
    return {one: recording.first(len(setting.real[one][0].rows)) for one, recording in found.items()}
