"""A trained model on disk: ``config.yaml``, ``model.safetensors``, ``features.json``, folders of nested models."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.core.files import atomic_path, check_file, read_json, write_json
from transflower.core.model_folder import CONFIG, FEATURES, WEIGHTS, find_model
from transflower.core.moments import Moments
from transflower.core.options import decode, encode, load_yaml, translate, write_yaml
from transflower.core.spans import StreamSpec
from transflower.features.sidecar import Sidecar, sidecar_from_dict
from transflower.models.digest import as_metadata, digest_of, digest_of_tree, read_digests
from transflower.models.features_file import read_features
from transflower.models.memory import unmade
from transflower.models.model import Model
from transflower.models.nested import NestedModel
from transflower.models.options import ModelConfig
from transflower.models.sequence_model import SequenceModel

log = logging.getLogger(__name__)

SomeSidecar = TypeVar("SomeSidecar", bound=Sidecar)


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """A model, ready to generate, and what its features mean."""

    model: SequenceModel
    sidecars: dict[str, dict[str, Any] | None]
    """Description of each modality, where its features were extracted by us."""
    folder: Path
    """Where it was found."""

    def kind(self, name: str) -> str | None:
        """Of which kind the features of a modality are; None where they were not extracted by us."""
        return (self.sidecars.get(name) or {}).get("kind")

    def sidecar(self, name: str, kind: type[SomeSidecar]) -> SomeSidecar | None:
        """What the features of a modality mean; None where they are of another kind.

        Raises:
            FormatError: ``features.json`` does not tell it.
        """
        if self.kind(name) != kind.kind:
            return None
        sidecar = sidecar_from_dict(self.sidecars[name], self.folder / FEATURES)
        assert isinstance(sidecar, kind)
        return sidecar


def save_model(
    folder: Path | str,
    model: SequenceModel,
    *,
    sidecars: Mapping[str, Mapping[str, Any] | None],
    config: Mapping[str, Any] | None = None,
    is_compact: bool = False,
) -> None:
    """Write the three files into ``folder``, and nested models into folders below it.

    Args:
        folder: made where it is missing.
        model: what is kept.
        sidecars: description of each modality.
        config: what ``config.yaml`` shall hold besides the model.
        is_compact: keep the matrices of linear maps in bfloat16, for half the size; they are read as any others.
    """
    folder = Path(folder)
    described = encode(model.config)
    write_yaml(folder / CONFIG, {**(config or {}), "model": described})
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    if is_compact:
        weights |= {name: weights[name].bfloat16() for name in _matrices(model)}
    streams = {name: asdict(stream) for name, stream in model.streams.items()}
    features = {"streams": streams, "sidecars": {name: sidecars.get(name) for name in streams}}
    write_json(folder / FEATURES, features)
    digests = {"weights": digest_of(weights), CONFIG: digest_of_tree(described), FEATURES: digest_of_tree(features)}
    for name, part in model.nested.items():
        assert isinstance(part, NestedModel)
        save_model(folder / name, part.model, sidecars=part.sidecars, is_compact=is_compact)
        digests[f"{name}/"] = digest_of_tree(read_digests(folder / name / WEIGHTS))
    with atomic_path(folder / WEIGHTS) as temporary:
        # save_file makes files that nobody else may read
        temporary.write_bytes(save(weights, as_metadata(digests)))


def load_model(path: Path | str) -> LoadedModel:
    """Read a model folder, or the best model of a run folder (the last one where none is best yet).

    Raises:
        ModelError: there is no model.
        FormatError: a file does not hold what it should.
    """
    folder = find_model(Path(path))
    described = load_yaml(folder / CONFIG).get("model") or {}
    try:
        config = decode(ModelConfig, translate({"model": described})["model"])
    except TransflowerError as error:
        raise FormatError(folder / CONFIG, f"describes no model: {error}") from error
    contents = read_json(folder / FEATURES)
    features = read_features(folder / FEATURES, contents)
    weights, digests = _read_weights(folder / WEIGHTS)
    for name, tree in ((CONFIG, described), (FEATURES, contents)):
        if digests.get(name) not in {None, digest_of_tree(tree)}:
            log.warning(
                "%s is not as it was saved with the model: it was changed by hand, or is damaged", folder / name
            )
    for name in config.nested:
        if digests.get(f"{name}/") != _digest_of_folder(folder / name):
            raise FormatError(folder / name, "is not the model that was saved here; take another copy of the whole")
    nested = load_nested({name: folder / name for name in config.nested})
    model = _build(config, features.specs, weights, nested, folder)
    return LoadedModel(model=model.eval(), sidecars=features.sidecars, folder=folder)


def load_nested(folders: Mapping[str, Path]) -> dict[str, NestedModel]:
    """Read models that are parts of another one, each from its folder, as ``load_model`` does."""
    found = {name: load_model(folder) for name, folder in folders.items()}
    return {name: NestedModel(loaded.model, loaded.sidecars) for name, loaded in found.items()}


def _digest_of_folder(folder: Path) -> str | None:
    """Digest of the model in ``folder``; None where there is none."""
    try:
        return digest_of_tree(read_digests(folder / WEIGHTS))
    except (SafetensorError, OSError):
        return None


def _matrices(model: SequenceModel) -> list[str]:
    """Names of the weights of linear maps."""
    return [f"{name}.weight" for name, part in model.named_modules() if isinstance(part, nn.Linear)]


def _read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Weights, and the digests that were noted with them."""
    check_file(path)
    try:
        weights, digests = load_file(path), read_digests(path)
    except (SafetensorError, OSError) as error:
        raise FormatError(path, f"is not a safetensors file ({error})") from error
    if digests.get("weights") not in {None, digest_of(weights)}:
        raise FormatError(path, "is damaged: its weights are not those that were saved; take another copy of the model")
    return weights, digests


def _build(
    config: ModelConfig,
    streams: Mapping[str, StreamSpec],
    weights: dict[str, Tensor],
    nested: Mapping[str, NestedModel],
    folder: Path,
) -> Model:
    """The model with its weights."""
    try:
        _check_dims(streams, weights)
        moments = {name: _moments(name, stream, weights) for name, stream in streams.items()}
        with unmade():  # Costs no memory, whatever the options ask for.
            expected = Model(config, streams, moments, nested).state_dict()
        if _shapes(expected) != _shapes(weights):
            raise ValueError("other names or shapes")
        model = Model(config, streams, moments, nested)
        model.load_state_dict(weights)
    except (RuntimeError, KeyError, ValueError, IndexError, ModelError) as error:
        raise FormatError(
            folder / WEIGHTS, f"holds other weights than {CONFIG} and {FEATURES} beside it describe"
        ) from error
    return model


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[torch.Size, bool]]:
    return {name: (weight.shape, weight.is_floating_point()) for name, weight in weights.items()}


def _check_dims(streams: Mapping[str, StreamSpec], weights: Mapping[str, Tensor]) -> None:
    """Refuse columns that have no weights, before anything is made for them."""
    most = sum(weight.numel() for weight in weights.values())
    if any(max(stream.dim, stream.num_classes) > most for stream in streams.values()):
        raise ValueError("more columns than weights")


def _moments(name: str, stream: StreamSpec, weights: Mapping[str, Tensor]) -> Moments:
    """Any moments with the same columns varying: the weights hold the real ones."""
    varying = weights.get(f"target_scalings.{name}.varying")
    std = np.ones(stream.dim)
    if varying is not None:
        std = np.zeros(stream.dim)
        std[varying.numpy()] = 1.0
    return np.zeros(stream.dim), std
