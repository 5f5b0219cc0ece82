"""A dancer with more conditions than it learnt from: ``python -m recipes.dancer.widen --model FOLDER --out FOLDER``.

They are columns of sound that are extracted today, and styles. The weights of columns with the same name stay where
they are; those of what is new are 0, so that the widened model draws the same frames as before.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recipes.command import run_command
from transflower.core.errors import FormatError
from transflower.core.moments import Moments
from transflower.core.options.ranges import Share
from transflower.core.spans import StreamSpec
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings, settings_from_dict
from transflower.features.sidecar import LabelsSidecar, read_sidecar
from transflower.models.checkpoint import load_model, save_model
from transflower.models.model import Model

_STYLE = "style"
_ROWS, _BIAS = "encoder.music_rows.{}.linear.weight", "encoder.music_rows.{}.linear.bias"
_MEAN, _STD = "input_scalings.{}.mean", "input_scalings.{}.std"
_VARYING = "target_scalings.{}.varying"
_NEW_MEAN, _NEW_STD = 0.5, 0.5
"""Of columns from 0 to 1, until training measures them."""


@dataclass(frozen=True, kw_only=True)
class Widen:
    """Give a live model the columns of sound that are extracted today, to train on from it."""

    model: Path
    """Folder of a model that learnt from fewer columns."""
    out: Path
    """Folder of the widened model, for --training.start_from."""
    styles: Path | None = None
    """The style.json of a folder of features, whose styles the model is to be given too."""
    drop_style: Share = 0.1
    """Share of the windows in which training does not tell the style."""


def run(options: Widen) -> str:
    """Widen, and say where the model is."""
    styles = None if options.styles is None else _read_styles(options.styles)
    widen(options.model, options.out, styles=styles, drop_style=options.drop_style)
    return f"{options.out}: the model with the columns of today"


@torch.no_grad()
def widen(
    source: Path,
    target: Path,
    *,
    name: str = "audio",
    styles: LabelsSidecar | None = None,
    drop_style: float = 0.1,
) -> None:
    """Save the model of ``source`` in ``target``, with the columns of today's audio features in place of its own."""
    loaded = load_model(source)
    old = loaded.model
    sidecar = loaded.sidecars[name]
    assert isinstance(old, Model)
    assert sidecar is not None
    before = settings_from_dict(sidecar["settings"])
    settings = AudioSettings(fps=before.fps, sample_rate=before.sample_rate, mels=before.mels, n_fft=before.n_fft)
    described = audio_features.sidecar(settings)
    places = [described["names"].index(column) for column in sidecar["names"]]
    streams = {**old.streams, name: replace(old.streams[name], dim=len(described["names"]))}
    config, sidecars = old.config, {**loaded.sidecars, name: described}
    if styles is not None:
        window = replace(config.inputs[name], kind="categorical", drop_window=drop_style)
        config = replace(config, inputs={**config.inputs, _STYLE: window})
        streams[_STYLE] = StreamSpec(dim=1, kind="categorical", num_classes=len(styles.vocabulary), fps=styles.fps)
        sidecars[_STYLE] = styles.to_dict()
    weights = old.state_dict()
    model = Model(
        config,
        streams,
        {
            key: _moments(stream, weights.get(_VARYING.format(key)))
            for key, stream in streams.items()
            if stream.kind == "continuous"
        },
    )
    for key, fill in ((_ROWS, 0.0), (_MEAN, _NEW_MEAN), (_STD, _NEW_STD)):
        kept = weights[key.format(name)]
        wide = torch.full((*kept.shape[:-1], len(described["names"])), fill)
        wide[..., places] = kept
        weights[key.format(name)] = wide
    if styles is not None:
        new = {key: value for key, value in model.state_dict().items() if key not in weights}
        silent = {_ROWS.format(_STYLE), _BIAS.format(_STYLE)}
        weights |= {key: torch.zeros_like(value) if key in silent else value for key, value in new.items()}
    model.load_state_dict(weights)
    save_model(target, model, sidecars=sidecars)


def _read_styles(path: Path) -> LabelsSidecar:
    sidecar = read_sidecar(path)
    if not isinstance(sidecar, LabelsSidecar):
        raise FormatError(path, "does not describe labels; `transflower extract labels` writes them")
    return sidecar


def _moments(stream: StreamSpec, varying: Tensor | None) -> Moments:
    """Any with the same columns varying: the weights hold the real ones."""
    std = np.ones(stream.dim)
    if varying is not None:
        std[~np.isin(np.arange(stream.dim), varying.numpy())] = 0
    return np.zeros(stream.dim), std


if __name__ == "__main__":
    sys.exit(run_command(Widen, run, prog="python -m recipes.dancer.widen"))
