"""Small models of every encoder, and batches for them."""

from dataclasses import replace

import numpy as np
import torch

from tests.nn.factories import disturbed
from tests.nn.flows.factories import tiny_flow_config
from transflower.core.spans import StreamSpec
from transflower.models import Batch, InputConfig, Model, ModelConfig, OutputConfig
from transflower.models.encoders import CausalEncoderConfig, WindowedEncoderConfig
from transflower.models.heads import FlowHeadConfig
from transflower.nn.causal import CausalConfig
from transflower.nn.transformer import TransformerConfig

MOTION, AUDIO, CLASSES = 5, 3, 4
CONSTANT = 2
"""A column of the motion that does not vary."""
MEAN = np.array([1.0, -2.0, 7.0, 0.0, 3.0])
STD = np.array([0.5, 2.0, 0.0, 1.0, 0.1])


def tiny_config(kind: str = "windowed", **options) -> ModelConfig:
    """Three frames of motion and five of music for one frame; for ``causal``, two frames of lookahead."""
    if kind == "windowed":
        small = TransformerConfig(width=8, layers=1, heads=2)
        parts = {
            "inputs": {"motion": InputConfig(length=3), "audio": InputConfig(length=5)},
            "outputs": {"motion": OutputConfig(length=1, offset=3)},
            "encoder": WindowedEncoderConfig(input=small, cross=small),
        }
    else:
        small = CausalConfig(width=8, layers=1, heads=2, window=6)
        parts = {
            "inputs": {"motion": InputConfig(offset=-1), "audio": InputConfig(length=3)},
            "outputs": {"motion": OutputConfig()},
            "encoder": CausalEncoderConfig(width=8, layers=1, heads=2, window=6, music=small),
        }
    return ModelConfig(**{**parts, "head": FlowHeadConfig(flow=tiny_flow_config()), **options})


def tiny_model(config: ModelConfig | None = None, *, initialised: bool = True, seed: int = 0) -> Model:
    """A model in evaluation mode whose parameters are not what they start with."""
    torch.manual_seed(seed)
    config = config or tiny_config()
    streams = {"motion": StreamSpec(dim=MOTION, fps=30.0), "audio": StreamSpec(dim=AUDIO, fps=30.0)}
    moments = {"motion": (MEAN, STD), "audio": (np.zeros(AUDIO), np.ones(AUDIO))}
    model = Model(config, streams, moments)
    if initialised:
        model.initialise(make_batch(config, batch=16, positions=2))
    return disturbed(model, seed=seed, scale=0.1)


def make_batch(config: ModelConfig, *, batch: int = 4, positions: int = 1, seed: int = 0) -> Batch:
    """Features as on disk; the last input frames and the targets come from one walk, as windows of one dance do."""
    rng = np.random.default_rng(seed)
    spans, targets = config.spans, config.target_spans
    first = min(span.start for span in [*spans.values(), *targets.values()])
    last = max(span.extended(positions).stop for span in [*spans.values(), *targets.values()])
    motion = MEAN + STD * rng.standard_normal((batch, last - first, MOTION)).cumsum(1) / 2
    audio = rng.standard_normal((batch, last - first, AUDIO))
    whole = {"motion": torch.tensor(motion).float(), "audio": torch.tensor(audio).float()}

    def cut(group):
        wide = {name: span.extended(positions) for name, span in group.items()}
        return {name: whole[name][:, span.start - first : span.stop - first] for name, span in wide.items()}

    return {"inputs": cut(spans), "targets": cut(targets)}


def with_head(config: ModelConfig, **options) -> ModelConfig:
    """The same with other options of the head."""
    return replace(config, head=replace(config.head, **options))


def class_model(**options) -> Model:
    """A causal model that draws a class and motion in every frame, and reads both; ``options`` of the class."""
    torch.manual_seed(0)
    plain = tiny_config("causal")
    config = replace(
        plain,
        inputs={**plain.inputs, "moves": InputConfig(offset=-1, kind="categorical")},
        outputs={**plain.outputs, "moves": OutputConfig(kind="categorical", **options)},
    )
    streams = {
        "motion": StreamSpec(dim=MOTION),
        "audio": StreamSpec(dim=AUDIO),
        "moves": StreamSpec(dim=1, kind="categorical", num_classes=CLASSES),
    }
    model = Model(config, streams, {"motion": (MEAN, STD), "audio": (np.zeros(AUDIO), np.ones(AUDIO))})
    model.initialise(class_batch())
    return disturbed(model, scale=0.3)


def class_batch(*, positions: int = 6) -> Batch:
    """For ``class_model``: the tiny model's batch, with classes that all frames of a window share."""
    batch = make_batch(tiny_config("causal"), positions=positions)
    moves = torch.arange(CLASSES)[:, None, None].expand(-1, positions, 1).contiguous()
    return {side: {**group, "moves": moves} for side, group in batch.items()}
