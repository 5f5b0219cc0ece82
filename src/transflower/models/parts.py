"""The parts of a model: a multimodal encoder, and a head and a scaling for each output.

Shape letters: B batch, T frames, D columns on disk, V columns that are modelled.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from transflower.core.spans import UNKNOWN_CLASS, StreamSpec
from transflower.models.encoders import Encoder
from transflower.models.heads import Head
from transflower.models.options import ModelConfig
from transflower.models.rates import spans_at_rates
from transflower.models.scaling import ClassIndices, TargetScaling

_MOST_STATE_POSITIONS = 512
"""Positions that a recurrent head goes through before it draws; of those before them it has hardly kept anything."""


class ModelParts(nn.Module):
    """What training and drawing share: the parts, and what leads from features to what they see, and back."""

    is_initialised: Tensor
    encoder: Encoder
    heads: nn.ModuleDict
    input_scalings: nn.ModuleDict
    target_scalings: nn.ModuleDict
    nested: nn.ModuleDict
    nulls: nn.ParameterDict
    """What stands for a condition that is dropped, of those that training drops: learned, one vector each."""

    def __init__(self, config: ModelConfig, streams: Mapping[str, StreamSpec]) -> None:
        """Note what the model is; subclasses make its parts."""
        super().__init__()
        self.config = config
        self.streams = dict(streams)
        self.spans = spans_at_rates(config, self.streams)
        """Frames of each input that one position needs, relative to its own."""

    @property
    def history(self) -> int:
        """Positions before the first drawn one that the encoder gains from seeing."""
        return self.encoder.history

    def state_positions(self, output: str) -> int:
        """Positions before the first drawn one whose frames the head of an output remembers."""
        found = self.head(output).state_positions
        return _MOST_STATE_POSITIONS if found is None else found

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

    def has_time(self, name: str) -> bool:
        """Whether a modality has rows for moments, as all outputs have."""
        return name not in self.spans or self.spans[name].mode == "sequence"

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

    def null_input(self, name: str, frames: Shaped[Tensor, "B T D"]) -> Shaped[Tensor, "B T D"]:
        """What the encoder sees in place of a condition that is dropped; inputs that are never dropped stay."""
        if not self.config.inputs[name].drop_window:
            return frames
        if name not in self.nulls:
            return torch.full_like(frames, UNKNOWN_CLASS)
        return self.nulls[name].expand_as(frames)

    def clamp_drawn(self, name: str, frames: Shaped[Tensor, "... V"]) -> Shaped[Tensor, "... V"]:
        """Drawn frames, bounded as in training, which never shows larger values, neither as a target nor as a history.

        So a model that is far off the data stays within bounds, and reads nothing that it has never learnt from.
        """
        if self.config.outputs[name].kind == "continuous" and self.config.normalize != "none":
            return frames.clamp(-self.config.clamp, self.config.clamp)
        return frames
