"""Sound as a model reads it: a whole song, or as it arrives.

Shape letters: N samples, C channels, T frames, D columns.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32

from transflower.audio.audio import Audio
from transflower.features import audio as audio_features
from transflower.features.audio import AudioFeatureStream, AudioSettings
from transflower.features.audio.fade import BeatFade
from transflower.generation.conditions import audio_settings
from transflower.models import LoadedModel

_FADE = "fade."
"""Before the names of what the fading of sound without a beat remembers."""


def hear(
    loaded: LoadedModel,
    names: Iterable[str],
    sound: Audio | Path,
    *,
    reading: Literal["whole", "causal"] | None = None,
) -> dict[str, Float32[np.ndarray, "T D"]]:
    """Those conditions that are made of sound.

    Args:
        loaded: the model.
        names: conditions of which to make them.
        sound: a song, or its file.
        reading: how its beats are read; by default as the model has learnt.

    Raises:
        TransflowerError: the file cannot be read, or the model does not say how it hears.
    """
    found = {}
    for name, settings in audio_settings(loaded, names).items():
        rows = audio_features.extract(sound, replace(settings, reading=reading or settings.reading))
        found[name] = BeatFade(settings).push(rows) if _fades(loaded, name) else rows
    return found


def hearing_streams(loaded: LoadedModel, names: Iterable[str], sample_rate: int) -> dict[str, "HearingStream"]:
    """Condition that is made of sound -> what makes it of sound as it arrives.

    Raises:
        ModelError: the model does not say how it hears.
    """
    settings = audio_settings(loaded, names)
    return {name: HearingStream(sample_rate, found, fades=_fades(loaded, name)) for name, found in settings.items()}


class HearingStream:
    """Makes a condition of sound in pieces of any size."""

    def __init__(self, sample_rate: int, settings: AudioSettings, *, fades: bool) -> None:
        """Begin.

        Args:
            sample_rate: of the sound.
            settings: how its features are made.
            fades: whether sound without a beat is heard as silence.
        """
        self._features = AudioFeatureStream(sample_rate, settings)
        self._fade = BeatFade(settings) if fades else None

    def push(self, samples: Float32[np.ndarray, "N C"]) -> Float32[np.ndarray, "T D"]:
        """The rows that are complete now that ``samples`` have arrived."""
        return self._faded(self._features.push(samples))

    def finish(self) -> Float32[np.ndarray, "T D"]:
        """The rows that were still waiting for sound."""
        return self._faded(self._features.finish())

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        fade = {} if self._fade is None else self._fade.state_dict()
        return self._features.state_dict() | {_FADE + name: value for name, value in fade.items()}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding."""
        self._features.load_state_dict(state)
        if self._fade is not None:
            names = [name for name in state if name.startswith(_FADE)]
            self._fade.load_state_dict({name.removeprefix(_FADE): state[name] for name in names})

    def _faded(self, rows: Float32[np.ndarray, "T D"]) -> Float32[np.ndarray, "T D"]:
        return rows if self._fade is None else self._fade.push(rows)


def _fades(loaded: LoadedModel, name: str) -> bool:
    return bool((loaded.sidecars.get(name) or {}).get("fade_without_beat"))
