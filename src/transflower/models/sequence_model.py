"""A conditional distribution of sequences, given others.

Shape letters: B batch, P positions of a window, L frames of an input, N frames of a target, D columns on disk,
V columns that are modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Generator, Tensor

from transflower.core.errors import ModelError
from transflower.models.corruption import Corruption
from transflower.models.parts import ModelParts
from transflower.models.stream import ModelStream
from transflower.nn.noise import Noise, SharedNoise

Batch = Mapping[str, Mapping[str, Tensor]]
"""``{"inputs": {name: [B, L + P - 1, D]}, "targets": {name: [B, N + P - 1, D]}}``, as on disk.

An input of another rate has ``Span.extended`` frames.
"""


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


class SequenceModel(ModelParts):
    """A conditional distribution of every output at every position, given the inputs.

    It reads and makes features as they are on disk. Its density is that of ``log_prob``; ``stream`` draws from it.
    """

    _is_known_initialised = False

    @property
    def has_density(self) -> bool:
        """Whether every head has a likelihood."""
        return all(self.head(name).has_density for name in self.config.outputs)

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
        inputs = {name: self._drop_window(name, frames, corruption) for name, frames in inputs.items()}
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

    def _drop_window(self, name: str, frames: Tensor, corruption: Corruption) -> Tensor:
        """A condition, dropped as a whole in some windows of training."""
        is_dropped = corruption.draw_dropped(name, frames)
        return frames if is_dropped is None else torch.where(is_dropped, self.null_input(name, frames), frames)
