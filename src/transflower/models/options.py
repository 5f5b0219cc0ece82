"""Options of a model: which windows it reads and predicts, and the parts that do it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from torch import nn

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Count, Share
from transflower.core.spans import Kind, Mode, Span, check_no_leak
from transflower.models.encoders import EncoderConfig, WindowedEncoderConfig
from transflower.models.heads import CategoricalHeadConfig, FlowHeadConfig, HeadConfig
from transflower.models.history_noise import HistoryNoise


@dataclass(frozen=True, kw_only=True)
class InputConfig:
    """A window of an input modality."""

    length: Count = 1
    """Frames, its own where it has another rate than the output; for `single` the rows of the whole array."""
    offset: int = 0
    """First frame, counted from the origin of the data point; where the rate differs, only how far it is from the
    offset of the first output counts, in frames of the input."""
    mode: Mode = "sequence"
    """Time-synced rows, one row repeated, or used whole without time."""
    kind: Kind = "continuous"
    """Real values, or class indices."""
    dropout: float = 0.0
    """Share of frames that training blanks out, one by one; of an autoregressive input only in the encoder's copy."""
    drop_window: Share = 0.0
    """Share of windows in which training drops this condition as a whole, for heads with an option `guidance`."""

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise OptionsError(f"dropout must be at least 0 and below 1, got {self.dropout}")
        if self.dropout and self.kind == "categorical":
            raise OptionsError("class indices cannot be blanked out; set the dropout of this input to 0")


@dataclass(frozen=True, kw_only=True)
class OutputConfig:
    """A window of an output modality."""

    length: Count = 1
    """Frames predicted at once, of which generation uses as many as it is told, by default the first."""
    offset: int = 0
    """First frame, counted from the origin of the data point."""
    kind: Kind = "continuous"
    """Real values, or class indices."""
    head: HeadConfig | None = None
    """Distribution of this output given its context; by default `model.head`, and for class indices `categorical`."""
    weight: float = 1.0
    """How much a dimension of it counts in the loss of several outputs; 1 for each is the likelihood of them all."""

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise OptionsError(f"the weight of an output must be above 0, got {self.weight}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """A multimodal encoder and one head for each output modality.

    Example:
        >>> motion, audio = InputConfig(length=10, offset=0), InputConfig(length=31, offset=0)
        >>> config = ModelConfig(inputs={"motion": motion, "audio": audio}, outputs={"motion": OutputConfig(offset=10)})
        >>> config.spans["motion"]  # the ten frames before a position
        Span(start=-10, length=10, rate=Fraction(1, 1), mode='sequence')
    """

    inputs: dict[str, InputConfig]
    """What is read; a modality that is also an output is autoregressive."""
    outputs: dict[str, OutputConfig]
    """What is predicted. A position is the frame of the first output's first frame."""
    encoder: EncoderConfig = field(default_factory=WindowedEncoderConfig)
    """Network that makes the context."""
    head: HeadConfig = field(default_factory=FlowHeadConfig)
    """Distribution, given its context, of each continuous output that has no `head` of its own."""
    nested: dict[str, Path] = field(default_factory=dict)
    """Folders of models that are parts of this one, such as a tokeniser. They do not learn, and are copied into the
    folder of this model."""
    normalize: Literal["standard", "none"] = "standard"
    """Standardise by the training split, or take features as they are because they are already scaled."""
    min_std: float = 0.25
    """Columns of an output that vary less than this share of its median column are standardised as if they varied that
    much, so that the tremor of a joint that hardly moves weighs less than a step. 0 divides each by its own."""
    target_noise: float = 0.01
    """Noise on targets, in training and in every likelihood, in standard deviations: densities need volume."""
    history_noise: HistoryNoise = field(default_factory=HistoryNoise)
    """Noise on autoregressive inputs and on the frame that changes are taken from, in training only."""
    clamp: float = 8.0
    """Standardised values beyond this are clamped: of what is given, and of frames that the model draws, always; of the
    recorded frames of an output in training only."""

    def __post_init__(self) -> None:
        if not self.inputs or not self.outputs:
            raise OptionsError("a model needs at least one input and one output")
        for name in self.nested:
            if not name.isidentifier() or hasattr(nn.ModuleDict, name):
                raise OptionsError(f"{name!r} cannot be the name of a nested model; choose a plain word")
        for name in {**self.inputs, **self.outputs}:
            if not name.isidentifier() or hasattr(nn.ModuleDict, name):
                raise OptionsError(
                    f"{name!r} cannot be the name of a modality; choose a plain word, and let data.features say what "
                    "it is called on disk"
                )
        if min(self.min_std, self.target_noise) < 0 or not self.clamp > 0:
            raise OptionsError("min_std and target_noise must not be negative, and clamp must be above 0")
        for name in self.inputs.keys() & self.outputs.keys():
            if self.inputs[name].drop_window:
                raise OptionsError(f"{name!r} is an output: only conditions can be dropped; set its drop_window to 0")
            kind = self.outputs[name].kind
            if self.inputs[name].mode != "sequence" or self.inputs[name].kind != kind:
                raise OptionsError(f"{name!r} is an output: as an input it must be a {kind} sequence as well")
        for name, window in self.outputs.items():
            self.head_of(name).check_kind(window.kind, output=f"output {name!r}")
        check_no_leak(self.spans, self.target_spans)

    def head_of(self, output: str) -> HeadConfig:
        """Options of the head of an output."""
        window = self.outputs[output]
        if window.head is not None:
            return window.head
        return self.head if window.kind == "continuous" else CategoricalHeadConfig()

    @property
    def spans(self) -> dict[str, Span]:
        """Frames of each input that one position needs, relative to it."""
        return {
            name: Span(start=window.offset - self._position, length=window.length, mode=window.mode)
            for name, window in self.inputs.items()
        }

    @property
    def target_spans(self) -> dict[str, Span]:
        """Frames of each output that one position predicts, relative to it."""
        return {
            name: Span(start=window.offset - self._position, length=window.length)
            for name, window in self.outputs.items()
        }

    @property
    def _position(self) -> int:
        return next(iter(self.outputs.values())).offset
