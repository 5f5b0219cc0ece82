"""What a model is given to generate from: whether arrays fit it, how files are read, and what its modalities mean.

Shape letters: T frames, S known frames, n frames that are asked for, D columns.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from transflower.core.array_file import ArrayFile
from transflower.core.errors import FormatError, ModelError, OptionsError
from transflower.core.options import load_yaml
from transflower.core.spans import UNKNOWN_CLASS, StreamSpec
from transflower.data.conventions import DTYPES, silence_row
from transflower.data.store import Store
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.audio.beat_times import HeardBeats, described_beats
from transflower.features.sidecar import AudioSidecar, MotionSidecar
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel

_MUST_AGREE = ("kind", "fps", "representation", "metres_per_unit", "settings", "names")
"""Keys of sidecars without which the same numbers mean something else."""

_MOST_SECONDS = 86400.0
"""More are a typing error, and would not fit into memory."""


def is_autoregressive(model: SequenceModel, output: str) -> bool:
    """Whether the model reads what it has drawn of an output."""
    return output in model.config.outputs and output in model.spans


def fit_inputs(model: SequenceModel, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The conditions, as ``[T, D]`` of the type that the model reads; other arrays are left out.

    Of those that are missing, classes that training has dropped now and then are unknown.

    Raises:
        ModelError: another one is missing, or one does not fit.
    """
    missing = [name for name in model.conditions if name not in inputs and not can_be_unknown(model, name)]
    if missing:
        raise ModelError(f"the model also reads {', '.join(missing)}; give an array of each")
    return {
        name: fit_rows(model, name, inputs[name]) if name in inputs else unknown_row(model, name)
        for name in model.conditions
    }


def can_be_unknown(model: SequenceModel, name: str) -> bool:
    """Whether a condition holds classes, and training has dropped it now and then."""
    window = model.config.inputs[name]
    return window.kind == "categorical" and window.drop_window > 0 and name not in model.config.outputs


def unknown_row(model: SequenceModel, name: str) -> Shaped[np.ndarray, "T D"]:
    """What stands for a class that is not known; whole, where the condition has no time."""
    span = model.spans[name]
    rows = span.length if span.mode == "single" else 1
    return np.full((rows, model.streams[name].dim), UNKNOWN_CLASS, DTYPES["categorical"])


def fit_prompt(model: SequenceModel, prompt: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The prompt, as ``[S, D]`` of the type that the model reads.

    Raises:
        ModelError: one is not of an output that the model also reads, or does not fit.
    """
    for name in prompt:
        if not is_autoregressive(model, name):
            raise ModelError(f"the model does not read what it has drawn of {name!r}, so it cannot go on from a prompt")
    return {name: fit_rows(model, name, rows) for name, rows in prompt.items()}


def fit_rows(model: SequenceModel, name: str, rows: np.ndarray) -> np.ndarray:
    """Rows of a modality, of the type that the model reads.

    Raises:
        ModelError: they do not fit.
    """
    fault = misfit(model, name, rows)
    if fault:
        raise ModelError(f"{name!r} {fault}")
    return np.ascontiguousarray(rows, DTYPES[model.streams[name].kind])


def misfit(model: SequenceModel, name: str, rows: np.ndarray) -> str | None:
    """Why ``rows`` cannot be a modality of a model; None if they can."""
    stream = model.streams[name]
    if rows.ndim != 2 or rows.shape[1] != stream.dim:
        return f"has shape {list(rows.shape)}, the model reads [frames, {stream.dim}]"
    if len(rows) == 0:
        return "has no frames"
    if not model.has_time(name):
        span = model.spans[name]
        wanted = 1 if span.mode == "tile" else span.length
        if len(rows) != wanted:
            return f"has {len(rows)} rows, the model reads {wanted}"
    return _bad_value(rows, stream, may_drop=name in model.conditions and can_be_unknown(model, name))


def read_array(loaded: LoadedModel, name: str, path: Path) -> np.ndarray:
    """A modality from a ``.npy`` file, as ``[T, D]``; of alternatives, the first.

    Raises:
        FormatError: it is no array, or does not fit the model.
    """
    rows, span = ArrayFile(path).read(), loaded.model.spans.get(name)
    if span is not None and span.mode == "single":
        rows = rows[0] if rows.ndim == 3 and len(rows) else rows[:, None] if rows.ndim == 1 else rows
    fault = misfit(loaded.model, name, rows)
    if fault:
        raise FormatError(path, f"does not fit the model's {name!r}: it {fault}")
    return np.ascontiguousarray(rows, DTYPES[loaded.model.streams[name].kind])


def read_stored(loaded: LoadedModel, name: str, folder: Path, sequence_id: str) -> np.ndarray:
    """A modality of a sequence in a folder of features.

    Raises:
        DataError: there is no such folder.
        FormatError: the array is missing, does not fit the model, or was extracted in another way.
    """
    store, feature = Store(folder), feature_name(loaded, name)
    rows = read_array(loaded, name, store.path(sequence_id, feature))
    _check_same(loaded.sidecars.get(name), store.sidecar(feature), folder / f"{feature}.json")
    return rows


def has_stored(loaded: LoadedModel, name: str, folder: Path, sequence_id: str) -> bool:
    """Whether a folder of features has a modality of a sequence."""
    return Store(folder).path(sequence_id, feature_name(loaded, name)).exists()


def silence_rows(sidecars: Mapping[str, Mapping[str, Any] | None]) -> dict[str, np.ndarray]:
    """The row of no sound of each modality that has one."""
    rows = {name: silence_row(sidecar) for name, sidecar in sidecars.items()}
    return {name: row for name, row in rows.items() if row is not None}


def audio_settings(loaded: LoadedModel, names: Iterable[str]) -> dict[str, AudioSettings]:
    """How those of ``names`` that can be made of sound are made.

    Raises:
        ModelError: a modality says that it is sound, but not as we make features of it.
    """
    found = {name: loaded.sidecar(name, AudioSidecar) for name in names}
    return {name: _settings(loaded, name, sidecar) for name, sidecar in found.items() if sidecar is not None}


def song_beats(loaded: LoadedModel, inputs: Mapping[str, np.ndarray]) -> HeardBeats | None:
    """The beats that the first condition with columns for them holds; None where there is none."""
    found = (described_beats(loaded.sidecars.get(name), rows) for name, rows in inputs.items())
    return next((beats for beats in found if beats is not None), None)


def motion_sidecars(loaded: LoadedModel) -> dict[str, MotionSidecar]:
    """The outputs that can be turned into motion."""
    found = {name: loaded.sidecar(name, MotionSidecar) for name in loaded.model.config.outputs}
    return {name: sidecar for name, sidecar in found.items() if sidecar is not None}


def frame_rate(loaded: LoadedModel) -> float | None:
    """Frames per second of the outputs; None where nothing says."""
    model = loaded.model
    # Where the rates of a model differ, it knows them all.
    names = [name for name in (*model.config.outputs, *model.conditions) if model.has_time(name)]
    return next((fps for name in names if (fps := model.streams[name].fps)), None)


def count_frames(loaded: LoadedModel, seconds: float, *, option: str) -> float:
    """Frames in so many seconds, not rounded.

    Raises:
        ModelError: nothing says how many there are in one.
        OptionsError: not a positive number of seconds, or more than a day.
    """
    fps = frame_rate(loaded)
    if fps is None:
        raise ModelError(f"{loaded.folder} does not know its frames per second, without which {option} says nothing")
    if not 0 < seconds <= _MOST_SECONDS:
        raise OptionsError(f"{option} must be above 0 and at most {_MOST_SECONDS:g} seconds, a day, got {seconds:g}")
    return seconds * fps


def feature_name(loaded: LoadedModel, name: str) -> str:
    """What a modality was called in the folder that the model was trained on."""
    data = load_yaml(loaded.folder / "config.yaml").get("data")
    names = data.get("features") if isinstance(data, dict) else None
    return str(names.get(name, name)) if isinstance(names, dict) else name


def rows_at(
    frames: range, known: Shaped[np.ndarray, "*B S D"], *, first: int, fill: Shaped[np.ndarray, " D"] | None
) -> Shaped[np.ndarray, "*B n D"]:
    """A row for every one of ``frames``, of which ``first`` is the first known: elsewhere ``fill``, or the nearest."""
    index, length = np.arange(frames.start, frames.stop) - first, known.shape[-2]
    rows = known[..., np.clip(index, 0, length - 1), :]
    if fill is not None:
        rows[..., (index < 0) | (index >= length), :] = fill
    return rows


def _bad_value(rows: np.ndarray, stream: StreamSpec, *, may_drop: bool) -> str | None:
    is_bad, wanted = ~np.isfinite(rows), "a finite number"
    if stream.kind == "categorical":
        lowest = UNKNOWN_CLASS if may_drop else 0
        is_bad |= (rows < lowest) | (rows >= stream.num_classes) | (rows != np.floor(rows))
        wanted = f"a class from 0 to {stream.num_classes - 1}"
    if not is_bad.any():
        return None
    frame, column = np.argwhere(is_bad)[0].tolist()
    return f"is {rows[frame, column]} in frame {frame}, column {column}, not {wanted}"


def _check_same(wanted: Mapping[str, Any] | None, found: Mapping[str, Any] | None, path: Path) -> None:
    if wanted is None or found is None:
        return
    wanted, found = _any_reading(wanted), _any_reading(found)
    for key in _MUST_AGREE:
        if key in wanted and wanted[key] != found.get(key):
            values = f" ({found.get(key)} instead of {wanted[key]})" if isinstance(wanted[key], str | float) else ""
            raise FormatError(
                path, f"differs in {key!r} from what the model learnt{values}; extract it with the same options"
            )


def _any_reading(sidecar: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the beat was read from: the columns mean the same."""
    settings = sidecar.get("settings")
    kept = {key: value for key, value in settings.items() if key != "reading"} if isinstance(settings, dict) else None
    return {**sidecar, **({} if kept is None else {"settings": kept})}


def _settings(loaded: LoadedModel, name: str, sidecar: AudioSidecar) -> AudioSettings:
    try:
        settings = audio_features.settings_from_dict(sidecar.settings)
    except OptionsError as error:
        raise ModelError(f"{loaded.folder}: {name!r} was not made by `transflower extract audio` ({error})") from error
    if audio_features.names(settings) != sidecar.names:
        raise ModelError(f"{loaded.folder}: {name!r} has other columns than `transflower extract audio` makes")
    return settings
