"""A conditional distribution of sequences: a multimodal encoder, and a head and a scaling for each output.

Shape letters: B batch, P positions of a window, L frames of an input, N frames of a target, D columns on disk,
V columns that are modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Generator, Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.spans import Span, StreamSpec
from transflower.models.corruption import Corruption
from transflower.models.encoders import Encoder
from transflower.models.heads import Head
from transflower.models.options import ModelConfig
from transflower.models.scaling import ClassIndices, TargetScaling
from transflower.models.stream import ModelStream
from transflower.nn.noise import Noise, SharedNoise

Batch = Mapping[str, Mapping[str, Tensor]]
"""``{"inputs": {name: [B, L + P - 1, D]}, "targets": {name: [B, N + P - 1, D]}}``, as on disk."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A batch as the parts see it."""

    inputs: dict[str, Tensor]
    """For the encoder."""
    targets: dict[str, Shaped[Tensor, "B P N V"]]
    previous: dict[str, Shaped[Tensor, "B P V"]]
    """The frame before each position, of outputs that are inputs too."""
    clamped: Tensor
    """Share of values that were clamped."""


class SequenceModel(nn.Module):
    """A conditional distribution of every output at every position, given the inputs.

    It reads and makes features as they are on disk. Its density is that of ``log_prob``; ``stream`` draws from it.
    """

    is_initialised: Tensor
    encoder: Encoder
    heads: nn.ModuleDict
    input_scalings: nn.ModuleDict
    target_scalings: nn.ModuleDict
    nested: nn.ModuleDict

    def __init__(self, config: ModelConfig, streams: Mapping[str, StreamSpec]) -> None:
        """Note what the model is; subclasses make its parts."""
        super().__init__()
        self.config = config
        self.streams = dict(streams)
        self.spans: dict[str, Span] = config.spans
        self._is_known_initialised = False

    @property
    def history(self) -> int:
        """Positions before the first drawn one that the encoder gains from seeing."""
        return self.encoder.history

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.is_initialised.device

    @property
    def conditions(self) -> list[str]:
        """Inputs that are given, never generated."""
        return [name for name in self.spans if name not in self.config.outputs]

    @property
    def dims(self) -> dict[str, int]:
        """V of each output."""
        return {name: self.scaling(name).dim for name in self.config.outputs}

    @property
    def has_density(self) -> bool:
        """Whether every head has a likelihood."""
        return all(self.head(name).has_density for name in self.config.outputs)

    def head(self, output: str) -> Head:
        """The distribution of an output."""
        head = self.heads[output]
        assert isinstance(head, Head)
        return head

    def scaling(self, output: str) -> TargetScaling | ClassIndices:
        """What leads from an output's features to what is modelled, and back."""
        scaling = self.target_scalings[output]
        assert isinstance(scaling, TargetScaling | ClassIndices)
        return scaling

    def log_prob(self, batch: Batch, *, generator: Generator | None = None) -> dict[str, Float[Tensor, "B P"]]:
        """Log density of each output's standardised target in nats, summed over its N frames and V columns.

        Raises:
            ModelError: a head has no density.
        """
        self._check_initialised()
        prepared = self.prepare_batch(batch, SharedNoise(generator))
        contexts = self.encoder(prepared.inputs)
        return {
            name: self.head(name).log_prob(target, contexts[name], prepared.previous.get(name))[0]
            for name, target in prepared.targets.items()
        }

    def stream(
        self, batch_size: int, *, lookahead: int | None = None, options: Mapping[str, Any] | None = None
    ) -> ModelStream:
        """Drawing position after position, for ``batch_size`` rows.

        Args:
            batch_size: B.
            lookahead: future frames of given inputs that a position sees; by default as many as in training.
            options: name -> value of the heads' sampling options.

        Raises:
            OptionsError: no head has an option of such a name, or of such a value.
        """
        self._check_initialised()
        return ModelStream(self, batch_size, lookahead=lookahead, options=options)

    def has_previous(self, output: str) -> bool:
        """Whether the frame before an output is known, because it is the last of the input of the same name."""
        return output in self.spans and self.spans[output].stop == self.config.target_spans[output].start

    def scale_input(self, name: str, frames: Tensor) -> Tensor:
        """Standardised features; class indices as they are.

        Conditions are clamped as in training: a recording unlike all others, such as music with sound in a band where
        there never was any, has no more influence than the most extreme of the training.
        """
        scaled = self.input_scalings[name](frames)
        is_given = name not in self.config.outputs and self.config.inputs[name].kind == "continuous"
        return scaled.clamp(-self.config.clamp, self.config.clamp) if is_given else scaled

    def clamp_drawn(self, name: str, frames: Shaped[Tensor, "... V"]) -> Shaped[Tensor, "... V"]:
        """Drawn frames, bounded as in training, which never shows larger values, neither as a target nor as a history.

        So a model that has lost its way stays within bounds, and reads nothing that it has never learnt from.
        """
        if self.config.outputs[name].kind == "continuous" and self.config.normalize != "none":
            return frames.clamp(-self.config.clamp, self.config.clamp)
        return frames

    def prepare_batch(self, batch: Batch, noise: Noise) -> Prepared:
        """What the encoder and the heads see of a batch, corrupted as the mode of the module asks for."""
        corruption = Corruption(self.config, is_training=self.training, noise=noise)
        inputs = {name: self._prepare_input(name, batch["inputs"][name], corruption) for name in self.spans}
        targets = {}
        for name, target in batch["targets"].items():
            frames = self._prepare_target(name, target, corruption)
            targets[name] = frames.unfold(1, self.config.outputs[name].length, 1).transpose(2, 3)
        corruption.noise_history(inputs, targets, self._previous)
        known = {name: self._previous(name, inputs[name]) for name in targets if name in inputs}
        previous = {name: frames for name, frames in known.items() if frames is not None}
        inputs = {name: corruption.drop_frames(name, frames) for name, frames in inputs.items()}
        return Prepared(inputs=inputs, targets=targets, previous=previous, clamped=corruption.clamped)

    def _check_initialised(self) -> None:
        # Reading a buffer on an accelerator waits for it, so it is read until it is true and then no more.
        self._is_known_initialised = self._is_known_initialised or bool(self.is_initialised)
        if not self._is_known_initialised:
            raise ModelError("the model has not seen data yet; call initialise(batch) once before training")

    def _prepare_input(self, name: str, raw: Tensor, corruption: Corruption) -> Tensor:
        frames = self.scale_input(name, raw)
        return frames if self.config.inputs[name].kind == "categorical" else corruption.clamp(frames)

    def _prepare_target(self, name: str, raw: Tensor, corruption: Corruption) -> Tensor:
        scaled = self.scaling(name)(raw)
        return scaled if self.config.outputs[name].kind == "categorical" else corruption.noise_target(scaled)

    def _previous(self, output: str, frames: Tensor) -> Shaped[Tensor, "B P V"] | None:
        """The frame before each position, of an output's input; None where it is not the last of that."""
        if not self.has_previous(output):
            return None
        return self.scaling(output).select(frames[:, self.spans[output].length - 1 :])
