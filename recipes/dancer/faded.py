"""Features in which sound without a beat is silence, as a model that learns from them will hear it, too."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from transflower.core.files import write_array
from transflower.data.store import Store
from transflower.features.audio import settings_from_dict
from transflower.features.audio.fade import BeatFade
from transflower.features.sidecar import AudioSidecar, read_sidecar, write_sidecar
from transflower.synthetic.features import CAUSAL


def fade_features(features: Path, names: tuple[str, ...] = ("audio", CAUSAL)) -> None:
    """Fade the sound of a folder of features, and say so in its sidecars."""
    for name in names:
        path = features / f"{name}.json"
        sidecar = read_sidecar(path)
        assert isinstance(sidecar, AudioSidecar)
        settings = settings_from_dict(sidecar.settings)
        for one in Store(features).contents()[name]:
            array = features / f"{one}.{name}.npy"
            write_array(array, BeatFade(settings).push(np.load(array)))
        write_sidecar(path, replace(sidecar, fade_without_beat=True))
