"""What the modalities of a trained model mean: their sidecars, names, frame rate, and silence."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from transflower.core.errors import ModelError, OptionsError
from transflower.core.options import load_yaml
from transflower.data.reading import silence_row
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.sidecar import AudioSidecar, MotionSidecar, Sidecar, sidecar_from_dict
from transflower.models import LoadedModel

_MOST_SECONDS = 86400.0
"""More are a slip of the finger, and would not fit into memory."""


def silence_rows(sidecars: Mapping[str, Mapping[str, Any] | None]) -> dict[str, np.ndarray]:
    """The row of no sound of each modality that has one."""
    rows = {name: silence_row(sidecar) for name, sidecar in sidecars.items()}
    return {name: row for name, row in rows.items() if row is not None}


def audio_settings(loaded: LoadedModel, names: Iterable[str]) -> dict[str, AudioSettings]:
    """How those of ``names`` that can be made of sound are made.

    Raises:
        ModelError: a modality says that it is sound, but not as we make features of it.
    """
    found = {name: _sidecar(loaded, name) for name in names}
    return {name: _settings(loaded, name, side) for name, side in found.items() if isinstance(side, AudioSidecar)}


def motion_sidecars(loaded: LoadedModel) -> dict[str, MotionSidecar]:
    """The outputs that can be turned into motion."""
    found = {name: _sidecar(loaded, name) for name in loaded.model.config.outputs}
    return {name: sidecar for name, sidecar in found.items() if isinstance(sidecar, MotionSidecar)}


def frame_rate(loaded: LoadedModel) -> float | None:
    """Frames per second of everything that has time; None where nothing says.

    Raises:
        ModelError: two modalities contradict each other.
    """
    streams = loaded.model.streams.items()
    rates = {name: stream.fps for name, stream in streams if stream.mode == "sequence" and stream.fps}
    if len(set(rates.values())) > 1:
        listed = ", ".join(f"{name} has {fps:g}" for name, fps in rates.items())
        raise ModelError(f"{loaded.folder}: frame rates differ ({listed}); extract the features again, and train")
    return next(iter(rates.values()), None)


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


def _sidecar(loaded: LoadedModel, name: str) -> Sidecar | None:
    tree = loaded.sidecars.get(name)
    if tree is None or tree.get("kind") not in {"audio", "motion"}:
        return None
    return sidecar_from_dict(tree, loaded.folder / "features.json")


def _settings(loaded: LoadedModel, name: str, sidecar: AudioSidecar) -> AudioSettings:
    try:
        settings = AudioSettings(**sidecar.settings)
    except TypeError as error:
        raise ModelError(f"{loaded.folder}: {name!r} was not made by `transflower extract audio` ({error})") from error
    if audio_features.names(settings) != sidecar.names:
        raise ModelError(f"{loaded.folder}: {name!r} has other columns than `transflower extract audio` makes")
    return settings
