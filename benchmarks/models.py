"""Models on random features: the presets, and two kinds of one size: read anew for every frame, and causal with caches.

The two kinds have the same width and layers and see four seconds of motion and music and 2/3 s ahead, at 30 fps.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.holes import DIMS
from transflower.core.options import decode, load_yaml
from transflower.core.options.tree import Tree
from transflower.core.spans import StreamSpec
from transflower.models import Batch, Model, ModelConfig
from transflower.models.presets import PRESETS
from transflower.models.sequence_model import SequenceModel
from transflower.training import TrainingConfig

_PAST, _AHEAD = 120, 20


@dataclass(frozen=True, kw_only=True)
class Size:
    """What both kinds have in common."""

    width: int = 512
    heads: int = 8
    input_layers: int = 2
    layers: int = 6
    flow_steps: int = 6


def make_windowed(size: Size) -> Model:
    """A transformer for each input and one over all tokens; a flow over three frames with transformers inside."""
    sizes = {"width": size.width, "heads": size.heads}
    return _make(
        inputs={"motion": {"length": _PAST}, "audio": {"length": _PAST + _AHEAD}},
        outputs={"motion": {"length": 3, "offset": _PAST}},
        encoder={
            "type": "windowed",
            "input": {**sizes, "layers": size.input_layers},
            "cross": {**sizes, "layers": size.layers},
        },
        flow={"num_steps": size.flow_steps, "conditioner": {"type": "transformer", **sizes, "layers": 1}},
    )


def make_causal(size: Size) -> Model:
    """Causal transformers over music and motion; a flow over the next frame with perceptrons inside."""
    sizes = {"width": size.width, "heads": size.heads, "window": _PAST}
    return _make(
        inputs={"motion": {"length": 1}, "audio": {"length": 1 + _AHEAD, "offset": 1}},
        outputs={"motion": {"offset": 1}},
        encoder={
            "type": "causal",
            **sizes,
            "layers": size.layers,
            "music": {**sizes, "layers": size.input_layers},
        },
        flow={"num_steps": size.flow_steps, "conditioner": {"type": "mlp", "width": size.width}},
    )


def make_preset(name: str) -> tuple[Model, TrainingConfig]:
    """The model of a preset, and how it is trained."""
    options = load_yaml(PRESETS[name], presets=PRESETS)
    return _build(options["model"]), decode(TrainingConfig, options["training"])


def make_batch(model: SequenceModel, *, rows: int, positions: int) -> Batch:
    """Random features."""

    def make_rows(name: str, length: int) -> Tensor:
        return torch.randn(rows, length + positions - 1, DIMS[name])

    spans, targets = model.config.spans, model.config.target_spans
    return {
        "inputs": {name: make_rows(name, span.length) for name, span in spans.items()},
        "targets": {name: make_rows(name, span.length) for name, span in targets.items()},
    }


def num_bytes(model: Model) -> int:
    """Of all weights."""
    return sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())


def describe(model: Model) -> str:
    """Millions of parameters."""
    return f"{sum(parameter.numel() for parameter in model.parameters()) / 1e6:.0f} M parameters"


def _make(*, inputs: dict, outputs: dict, encoder: dict, flow: dict) -> Model:
    head = {"type": "flow", "flow": flow}
    return _build({"inputs": inputs, "outputs": outputs, "encoder": encoder, "head": head})


def _build(options: Tree) -> Model:
    torch.manual_seed(0)
    streams = {name: StreamSpec(dim=dim, fps=30.0) for name, dim in DIMS.items()}
    moments = {name: (np.zeros(dim), np.ones(dim)) for name, dim in DIMS.items()}
    model = Model(decode(ModelConfig, options), streams, moments)
    model.initialise(make_batch(model, rows=4, positions=1))
    return model
