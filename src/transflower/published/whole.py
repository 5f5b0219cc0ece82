"""From published parts to a model that is ready to be used."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.memory import check_memory
from transflower.core.moments import CONSTANT_STD, Moments
from transflower.core.spans import StreamSpec
from transflower.models.encoders import EncoderConfig
from transflower.models.heads import HeadConfig
from transflower.models.model import Model
from transflower.models.options import ModelConfig
from transflower.published.modalities import Window, input_configs, output_configs, streams_of

_NEVER_CLAMPED = 1e6


def empty_model(
    inputs: Mapping[str, Window],
    outputs: Mapping[str, Window],
    *,
    encoder: EncoderConfig,
    head: HeadConfig,
    moments: Mapping[str, Moments],
) -> Model:
    """A model of ours that does to its features what the published one did.

    Without ``moments`` features are taken as they are, because they are scaled already. Published scalers left
    columns that do not vary as they were, and their models have a place for them.

    Raises:
        ModelError: statistics of other modalities, or of other columns.
    """
    config = ModelConfig(
        inputs=input_configs(inputs),
        outputs=output_configs(outputs),
        encoder=encoder,
        head=head,
        normalize="standard" if moments else "none",
        min_std=0.0,
        target_noise=0.0,
        clamp=_NEVER_CLAMPED,
    )
    streams = streams_of({**outputs, **inputs})
    _check_fit(moments, streams)
    unscaled = {name: (np.zeros(spec.dim), np.ones(spec.dim)) for name, spec in streams.items()}
    varying = {name: (mean, np.where(std < CONSTANT_STD, 1.0, std)) for name, (mean, std) in moments.items()}
    with torch.device("meta"):  # Costs no memory, whatever the settings ask for.
        weights = Model(config, streams, unscaled | varying).state_dict()
    num_bytes = sum(weight.nbytes for weight in weights.values())
    check_memory(num_bytes, what="the model of these settings", advice="take a checkpoint that is whole")
    return Model(config, streams, unscaled | varying)


def _check_fit(moments: Mapping[str, Moments], streams: Mapping[str, StreamSpec]) -> None:
    for name, (mean, _) in moments.items():
        if name not in streams:
            raise ModelError(f"there is a scaler of {name!r}, the model has {', '.join(streams)}")
        if len(mean) != streams[name].dim:
            raise ModelError(f"the scaler of {name!r} has {len(mean)} columns, the model {streams[name].dim}")


def ready(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state, of a model that has seen data."""
    return {**state, "is_initialised": torch.tensor(True)}
