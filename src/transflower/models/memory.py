"""How much memory a model needs, before any of it is taken."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from transflower.core.memory import check_memory
from transflower.core.spans import StreamSpec
from transflower.models.model import Model
from transflower.models.nested import NestedModel
from transflower.models.options import ModelConfig
from transflower.models.rates import spans_at_rates

TRAINING_COPIES = 5
"""Of every weight in training: itself, its gradient, two averages of the optimiser, and the average that is kept."""
_FLOAT_BYTES = 4


def check_model_memory(
    config: ModelConfig,
    streams: Mapping[str, StreamSpec],
    nested: Mapping[str, NestedModel] | None = None,
    *,
    copies: int = 1,
    windows: int = 0,
    positions: int = 1,
) -> None:
    """Refuse a model that does not fit into the machine.

    Args:
        config: its options.
        streams: shape and kind of each modality.
        nested: the models that it uses, which are there already.
        copies: of every weight, with gradients and what optimisers keep.
        windows: data points of a batch.
        positions: of a data point.

    Raises:
        OptionsError: it does not fit; saying what it would need.
        ModelError: the options cannot work with these shapes.
    """
    spans = [*spans_at_rates(config, streams).items(), *config.target_spans.items()]
    columns = sum(span.extended(positions).length * streams[name].dim for name, span in spans)
    check_memory(
        _FLOAT_BYTES * windows * columns,
        what=f"a batch of {windows} windows, each of {columns} numbers,",
        advice="give shorter windows, fewer positions or a smaller batch_size",
    )
    check_memory(
        copies * weight_bytes(config, streams, nested),
        what="this model",
        advice="give it less width, fewer layers or tokens",
    )


def weight_bytes(
    config: ModelConfig, streams: Mapping[str, StreamSpec], nested: Mapping[str, NestedModel] | None = None
) -> int:
    """Bytes of all weights of a model that is not made."""
    moments = {name: (np.zeros(stream.dim), np.ones(stream.dim)) for name, stream in streams.items()}
    # What the caller draws afterwards does not depend on it.
    with torch.random.fork_rng(devices=[]), unmade():
        model = Model(config, streams, moments, nested)
    return sum(weight.numel() * weight.element_size() for weight in model.state_dict().values())


def unmade() -> TorchFunctionMode:
    """A context in which large weights have shapes, and take neither memory nor time."""
    return _Unmade()


class _Unmade(TorchFunctionMode):
    # Small ones are made: what is computed of them on no device would take torch seconds to learn.
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _MAKERS and _count(args) >= _LARGE:
            kwargs["device"] = "meta"
        is_fill = func is torch.Tensor.normal_ and args[0].is_meta
        return args[0] if is_fill else func(*args, **kwargs)


def _count(size: Sequence[Any]) -> int:
    first = size[0] if size else ()
    return math.prod(first if isinstance(first, tuple | list) else [side for side in size if isinstance(side, int)])


_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.randn, torch.rand}
_LARGE = 2**16
