"""A model that is trained: how it is built, initialised from data, and what it learns by."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Generator, Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.moments import Moments, with_floor
from transflower.core.spans import StreamSpec
from transflower.models.encoders import Encoder
from transflower.models.heads import Head
from transflower.models.nested import NestedModel
from transflower.models.options import ModelConfig
from transflower.models.scaling import ClassIndices, Standardiser, TargetScaling
from transflower.models.sequence_model import Batch, SequenceModel
from transflower.nn.autocast import full_precision
from transflower.nn.noise import SharedNoise


class Model(SequenceModel):
    """A sequence model that can learn.

    What training adds (noise on the history, dropout, clamping)
    depends on ``train()`` and ``eval()``, as for any module; noise on targets is always added, and given inputs
    and drawn frames are always clamped.

    Example:
        >>> from transflower.models import load_model
        >>> from transflower.models.pretrained import PRETRAINED
        >>> model = load_model(PRETRAINED).model
        >>> type(model).__name__, model.conditions, list(model.config.outputs)
        ('Model', ['audio'], ['motion', 'moves'])
    """

    def __init__(
        self,
        config: ModelConfig,
        streams: Mapping[str, StreamSpec],
        moments: Mapping[str, Moments],
        nested: Mapping[str, NestedModel] | None = None,
    ) -> None:
        """Build the parts for the data at hand.

        Args:
            config: the options.
            streams: shape and kind of each modality.
            moments: mean and standard deviation of each continuous modality over the training split.
            nested: the models that ``config.nested`` names.

        Raises:
            ModelError: the options cannot work with these shapes.
        """
        super().__init__(config, streams)
        if (nested or {}).keys() != config.nested.keys():
            raise ModelError(f"the nested models are not those of the options: {', '.join(config.nested) or 'none'}")
        self.nested = nn.ModuleDict(nested or {})
        self.nulls = nn.ParameterDict(
            {
                name: nn.Parameter(torch.zeros(self.streams[name].dim))
                for name, window in config.inputs.items()
                if window.drop_window and window.kind == "continuous"
            }
        )
        is_scaled = config.normalize == "none"
        drawn = [name for name, window in config.outputs.items() if window.kind == "continuous"]
        moments = {**moments, **{name: with_floor(moments[name], config.min_std) for name in drawn}}
        self.input_scalings = nn.ModuleDict(
            {
                name: nn.Identity() if is_scaled or window.kind == "categorical" else Standardiser(moments[name])
                for name, window in config.inputs.items()
            }
        )
        self.target_scalings = nn.ModuleDict(
            {
                name: TargetScaling(name, moments[name], is_scaled=is_scaled)
                if name in drawn
                else ClassIndices(self.streams[name].dim)
                for name in config.outputs
            }
        )
        self.encoder = self._build_encoder()
        self.heads = nn.ModuleDict({name: self._build_head(name) for name in config.outputs})
        self.register_buffer("is_initialised", torch.tensor(False))

    @torch.no_grad()
    def initialise(self, batch: Batch, *, generator: Generator | None = None) -> None:
        """Set all data-dependent layers from one batch, once, before training, in full precision."""
        was_training = self.training
        with full_precision(next(self.parameters())):
            prepared = self.train().prepare_batch(batch, SharedNoise(generator))
            contexts = self.eval().encoder(prepared.inputs)
            for name, target in prepared.targets.items():
                self.head(name).initialise(target, contexts[name], prepared.previous.get(name))
        self.is_initialised.fill_(True)
        self.train(was_training)

    def loss(self, batch: Batch, *, generator: Generator | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """The heads' losses per dimension, averaged by dimensions and weights of outputs; and detached metrics to log.

        Args:
            batch: features as they are on disk.
            generator: of all noise, of the heads too, on the model's device; by default torch's own, as for dropout.

        Returns:
            A scalar, and the metrics: ``nll``, in nats per dimension over all outputs, where every head has a density;
            ``clamped``, the share of clamped values, in training; and those of the heads.
        """
        self._check_initialised()
        noise = SharedNoise(generator)
        prepared = self.prepare_batch(batch, noise)
        contexts = self.encoder(prepared.inputs)
        losses, metrics = {}, {}
        for name, target in prepared.targets.items():
            previous = prepared.previous.get(name)
            losses[name], metrics[name] = self.head(name).loss(target, contexts[name], previous, noise=noise)
        logged = self._total(metrics)
        if self.training:
            logged["clamped"] = prepared.clamped
        weights = {name: window.weight for name, window in self.config.outputs.items()}
        return self._mean(losses, weights), logged

    def _build_encoder(self) -> Encoder:
        outputs = {name: window.length for name, window in self.config.outputs.items()}
        return self.config.encoder.build(streams=self.streams, spans=self.spans, outputs=outputs)

    def _build_head(self, name: str) -> Head:
        context_length, context_dim = self.encoder.context_shapes[name]
        target, length = replace(self.streams[name], dim=self.scaling(name).dim), self.config.outputs[name].length
        config = self.config.head_of(name)
        nested = {"nested": dict(self.nested)} if config.uses_nested else {}
        return config.build(
            target=target,
            length=length,
            context_dim=context_dim,
            context_length=context_length,
            has_previous=self.has_previous(name),
            **nested,
        )

    def _total(self, metrics: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Metrics by name: those of a single output as they are, others with their output's name before them."""
        if len(metrics) == 1:
            return dict(next(iter(metrics.values())))
        logged = {f"{output}/{name}": value for output, found in metrics.items() for name, value in found.items()}
        if all("nll" in found for found in metrics.values()):
            logged["nll"] = self._mean({name: found["nll"] for name, found in metrics.items()})
        return logged

    def _mean(self, values: Mapping[str, Tensor], weights: Mapping[str, float] | None = None) -> Tensor:
        """Of values per dimension of each output, over all dimensions."""
        sizes = {name: self.dims[name] * self.config.outputs[name].length for name in values}
        shares = {name: size * (weights or {}).get(name, 1.0) for name, size in sizes.items()}
        return torch.stack([value * shares[name] for name, value in values.items()]).sum() / sum(shares.values())
