"""A trained model on disk: ``config.yaml``, ``model.safetensors``, ``features.json``; with a song it makes a dance."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.core.files import atomic_path, read_json, write_json
from transflower.core.moments import Moments
from transflower.core.options import decode, encode, load_yaml, write_yaml
from transflower.core.spans import StreamSpec
from transflower.models.model import Model
from transflower.models.options import ModelConfig

CONFIG, WEIGHTS, FEATURES = "config.yaml", "model.safetensors", "features.json"
_IN_A_RUN = ("best", "last")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """A model, ready to generate, and what its features mean."""

    model: Model
    sidecars: dict[str, dict[str, Any] | None]
    """Description of each modality, where its features were extracted by us."""
    folder: Path
    """Where it was found."""


def save_model(
    folder: Path | str,
    model: Model,
    *,
    sidecars: Mapping[str, Mapping[str, Any] | None],
    config: Mapping[str, Any] | None = None,
    is_compact: bool = False,
) -> None:
    """Write the three files into ``folder``.

    Args:
        folder: made where it is missing.
        model: what is kept.
        sidecars: description of each modality.
        config: what ``config.yaml`` shall hold besides the model.
        is_compact: keep the matrices of linear maps in bfloat16, for half the size; they are read as any others.
    """
    folder = Path(folder)
    write_yaml(folder / CONFIG, {**(config or {}), "model": encode(model.config)})
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    if is_compact:
        weights |= {name: weights[name].bfloat16() for name in _matrices(model)}
    with atomic_path(folder / WEIGHTS) as temporary:
        temporary.write_bytes(save(weights))  # save_file makes files that nobody else may read
    streams = {name: asdict(stream) for name, stream in model.streams.items()}
    write_json(folder / FEATURES, {"streams": streams, "sidecars": {name: sidecars.get(name) for name in streams}})


def load_model(path: Path | str) -> LoadedModel:
    """Read a model folder, or the best model of a run folder (the last one where none is best yet).

    Raises:
        ModelError: there is no model.
        FormatError: a file does not hold what it should.
    """
    folder = _find_model(Path(path))
    tree = load_yaml(folder / CONFIG)
    try:
        config = decode(ModelConfig, tree.get("model") or {})
    except TransflowerError as error:
        raise FormatError(folder / CONFIG, f"describes no model: {error}") from error
    streams, sidecars = _read_features(folder / FEATURES)
    weights = _read_weights(folder / WEIGHTS)
    try:
        model = Model(config, streams, {name: _moments(name, stream, weights) for name, stream in streams.items()})
        model.load_state_dict(weights)
    except (RuntimeError, KeyError) as error:
        raise FormatError(folder / WEIGHTS, f"holds other weights than {CONFIG} beside it describes") from error
    return LoadedModel(model=model.eval(), sidecars=sidecars, folder=folder)


def _matrices(model: Model) -> list[str]:
    """Names of the weights of linear maps."""
    return [f"{name}.weight" for name, part in model.named_modules() if isinstance(part, nn.Linear)]


def _find_model(path: Path) -> Path:
    for folder in (path, *(path / name for name in _IN_A_RUN)):
        if (folder / WEIGHTS).is_file():
            return folder
    if not path.is_dir():
        raise ModelError(f"{path}: there is no such folder; give the folder of a model or of a training run")
    raise ModelError(f"{path} holds no model ({WEIGHTS}); give the folder of a model or of a training run")


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise FormatError(path, f"is not a safetensors file ({error})") from error


def _read_features(path: Path) -> tuple[dict[str, StreamSpec], dict[str, dict[str, Any] | None]]:
    contents = read_json(path)
    adapter = TypeAdapter(_Features)
    try:
        features = adapter.validate_python(contents)
    except (ValidationError, TransflowerError) as error:
        raise FormatError(path, "must hold `streams` and `sidecars`, as training writes them") from error
    return features.streams, features.sidecars


@dataclass(frozen=True)
class _Features:
    """What ``features.json`` holds."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    streams: dict[str, StreamSpec]
    sidecars: dict[str, dict[str, Any] | None]


def _moments(name: str, stream: StreamSpec, weights: Mapping[str, Tensor]) -> Moments:
    """Any moments with the same columns varying: the weights hold the real ones."""
    varying = weights.get(f"target_scalings.{name}.varying")
    std = np.ones(stream.dim)
    if varying is not None:
        std = np.zeros(stream.dim)
        std[varying.numpy()] = 1.0
    return np.zeros(stream.dim), std
