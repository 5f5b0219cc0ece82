"""The causal encoder: every frame is encoded once, and finds older ones by attention.

Autoregressive inputs make motion tokens: that of a position holds the frame before it. All other time-synced inputs are
music, whatever they are: they are the source to which the motion attends up to ``lookahead`` frames ahead.

The music has the rate of its fastest input, at least that of the positions: frames of a slower input are repeated. To
a motion token belongs the first frame of music of its position; the others are seen by attention.

Shape letters: B batch, P positions, S frames of music, D columns, C context channels, M music channels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.rates import count_frames
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders.base import Encoder, EncoderConfig
from transflower.models.encoders.buffer import FrameBuffer
from transflower.models.encoders.embedding import RowEmbedding
from transflower.models.encoders.inputs import count_positions
from transflower.models.encoders.stream import BufferedStream
from transflower.nn.batch_share import draw_rows
from transflower.nn.causal import CausalConfig, CausalTransformer
from transflower.nn.state import prefixed, under

_LAST_FRAME = Span(start=-1, length=1)

_BLOCK = 64
"""Frames of music that a stream encodes together, where so many have arrived."""


@EncoderConfig.registry.register("causal")
@dataclass(frozen=True, kw_only=True)
class CausalEncoderConfig(CausalConfig, EncoderConfig):
    """Causal transformers that see the past by attention: the motion's own, and one over the music.

    Autoregressive inputs are the one frame before the output; the others begin at the output, and what they have beyond
    its first frame is the lookahead.
    """

    music: CausalConfig = field(default_factory=lambda: CausalConfig(layers=2))
    """The transformer over the inputs that are not outputs."""
    random_lookahead: bool = False
    """In training each window sees its own number of frames ahead, drawn from none to the lookahead, so that the same
    weights serve live generation without delay and a whole song."""

    def build(
        self, *, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], outputs: Mapping[str, int]
    ) -> "CausalEncoder":
        """The encoder."""
        return CausalEncoder(self, streams, spans, outputs)


class CausalEncoder(Encoder):
    """One context token a position, from the motion before it and the music up to ``lookahead`` frames after it.

    Music of a position is also added to its motion token. Inputs without time are added to every motion token: a
    ``tile`` by its row, a ``single`` one by the mean of its embedded rows.

    ``history`` is the window of one layer; the layers above pass on some influence of frames further back.

    Example:
        >>> streams = {"motion": StreamSpec(dim=3), "audio": StreamSpec(dim=2)}
        >>> spans = {"motion": Span(start=-1, length=1), "audio": Span(start=0, length=3)}
        >>> config = CausalEncoderConfig(width=8, heads=2, layers=1, music=CausalConfig(width=8, heads=2, layers=1))
        >>> encoder = config.build(streams=streams, spans=spans, outputs={"motion": 1})
        >>> encoder.lookahead
        2
        >>> encoder({"motion": torch.zeros(2, 5, 3), "audio": torch.zeros(2, 7, 2)})["motion"].shape  # [B, P, K, C]
        torch.Size([2, 5, 1, 8])
    """

    def __init__(
        self,
        config: CausalEncoderConfig,
        streams: Mapping[str, StreamSpec],
        spans: Mapping[str, Span],
        outputs: Mapping[str, int],
    ) -> None:
        super().__init__(streams, spans)
        synced = {name: span for name, span in spans.items() if span.mode == "sequence"}
        motion = {name: span for name, span in synced.items() if name in outputs}
        music = {name: span for name, span in synced.items() if name not in outputs}
        self.music_rate = max((int(span.rate) for span in music.values()), default=1) or 1
        """Frames of music for each position."""
        _check_spans(motion, music, self.music_rate)
        self.music_repeats = {name: int(self.music_rate / span.rate) for name, span in music.items()}
        """Frames of music for each frame of an input."""
        self.context_shapes = dict.fromkeys(outputs, (1, config.width))
        self.history = config.window
        self.lookahead = _lookahead(music, self.music_rate)
        self.random_lookahead = config.random_lookahead and self.lookahead > 0
        self.motion_rows = _row_encoders(streams, motion, config.width)
        self.music_rows = _row_encoders(streams, music, config.music.width)
        self.timeless_rows = _row_encoders(streams, [name for name in spans if name not in synced], config.width)
        self.music = CausalTransformer(config.music) if music else None
        self.fusion = nn.Linear(config.music.width, config.width, bias=False) if music else None
        source_dim = config.music.width if music else None
        self.motion = CausalTransformer(config, source_dim, source_rate=self.music_rate)

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Output name -> context ``[B, P, 1, C]`` of all positions at once; there is no music before the first."""
        positions = count_positions(self.streams, self.spans, inputs)
        source = None if self.music is None else self.music(self.music_tokens(inputs))
        own = None if source is None else source[:, : self.music_rate * positions : self.music_rate]
        tokens = self.motion_tokens(inputs, own)
        return self.contexts(self.motion(tokens, source, lookahead=self._drawn_lookahead(tokens)))

    def stream(self, batch_size: int, *, lookahead: int | None = None) -> "CausalStream":
        """The same numbers, position by position, seeing no further ahead than ``lookahead``."""
        lookahead = self.lookahead if lookahead is None else lookahead
        if not 0 <= lookahead <= self.lookahead:
            raise ModelError(f"this model was built for a lookahead of 0 to {self.lookahead} frames, got {lookahead}")
        return CausalStream(self, batch_size, lookahead)

    def spans_within(self, lookahead: int) -> dict[str, Span]:
        """The spans, those of music ending ``lookahead`` frames after the position."""
        return {
            name: _music_span(span.rate, lookahead, self.music_rate) if name in self.music_rows else span
            for name, span in self.spans.items()
        }

    def music_tokens(self, inputs: Mapping[str, Tensor], *, first: int = 0) -> Float[Tensor, "B S M"]:
        """What enters the music's transformer from frame ``first`` on, which is in the first frame of every input."""
        parts = [self._music_rows(name, inputs[name], first) for name in self.music_rows]
        shortest = min(part.shape[1] for part in parts)
        return reduce(torch.add, (part[:, :shortest] for part in parts))

    def motion_tokens(
        self, inputs: Mapping[str, Tensor], music: Float[Tensor, "B P M"] | None
    ) -> Float[Tensor, "B P C"]:
        """What enters the motion's transformer, given the encoded music of the same positions."""
        parts = [rows(inputs[name]) for name, rows in self.motion_rows.items()]
        if self.fusion is not None:
            parts.append(self.fusion(music))
        parts += [rows(inputs[name]).mean(1, keepdim=True) for name, rows in self.timeless_rows.items()]
        return reduce(torch.add, parts)

    def contexts(self, encoded: Float[Tensor, "B P C"]) -> dict[str, Tensor]:
        """The same token for every output."""
        return dict.fromkeys(self.context_shapes, encoded.unsqueeze(2))

    def _music_rows(self, name: str, rows: Tensor, first: int) -> Float[Tensor, "B S M"]:
        encoded, repeats = self.music_rows[name](rows), self.music_repeats[name]
        return encoded if repeats == 1 else encoded.repeat_interleave(repeats, dim=1)[:, first % repeats :]

    def _drawn_lookahead(self, tokens: Float[Tensor, "B P C"]) -> int | Int[Tensor, " B"]:
        """How far ahead each row sees; in training drawn from torch's own generator, as dropout is."""
        if not (self.training and self.random_lookahead):
            return self.lookahead
        return draw_rows(lambda shape: torch.randint(self.lookahead + 1, shape, device=tokens.device), [len(tokens)])


class CausalStream(BufferedStream):
    """Encodes each frame once, and remembers the windows of attention."""

    def __init__(self, encoder: CausalEncoder, batch_size: int, lookahead: int) -> None:
        super().__init__(encoder.streams, encoder.spans_within(lookahead), batch_size)
        self._encoder = encoder
        self._lookahead = lookahead
        is_on_gpu = encoder.motion.norm.weight.is_cuda
        self._motion = encoder.motion.start(is_graphed=is_on_gpu)
        self._music = None if encoder.music is None else encoder.music.start(is_graphed=is_on_gpu)
        self._source = FrameBuffer()
        """Encoded music from the next position on."""
        self._rate = encoder.music_rate

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("input.", super().state_dict()) | prefixed("motion.", self._motion.state_dict())
        if self._music is not None:
            state |= prefixed("music.", self._music.state_dict()) | prefixed("memory.", self._source.state_dict())
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        super().load_state_dict(under("input.", state))
        self._motion.load_state_dict(under("motion.", state))
        if self._music is not None:
            self._music.load_state_dict(under("music.", state))
            self._source.load_state_dict(under("memory.", state))

    def _encode(self) -> dict[str, Tensor]:
        frame = self._rate * self._buffers.position
        self._encode_music(until=frame + self._lookahead + 1)
        music = self._source.read(range(frame, frame + 1)) if self._music is not None else None
        windows = {name: self._buffers.window(name) for name in self._encoder.spans}
        tokens = self._encoder.motion_tokens(windows, music)
        encoded = self._encoder.motion.step(tokens, self._motion, lookahead=self._lookahead)
        self._source.forget(before=frame + self._rate)
        return self._encoder.contexts(encoded)

    def _encode_music(self, *, until: int) -> None:
        """Encode music up to frame ``until``, or a block of it if that has arrived."""
        encoder, start = self._encoder, self._source.frames.stop
        if encoder.music is None or self._music is None or start >= until:
            return
        arrived = min(encoder.music_repeats[name] * self._buffers.num_pushed(name) for name in encoder.music_rows)
        frames = range(start, max(until, min(arrived, start + _BLOCK)))
        inputs = {name: self._buffers.read(name, self._own_frames(name, frames)) for name in encoder.music_rows}
        tokens = encoder.music_tokens(inputs, first=start)[:, : len(frames)]
        source = encoder.music.step(tokens, self._music)
        encoder.motion.push_source(source, self._motion)
        self._source.append(source)

    def _own_frames(self, name: str, frames: range) -> range:
        """The frames of an input that are of the same times as ``frames`` of music."""
        repeats = self._encoder.music_repeats[name]
        return range(frames.start // repeats, -(-frames.stop // repeats))


class _RowEncoder(nn.Module):
    """A linear map of each row of one input."""

    def __init__(self, name: str, stream: StreamSpec, dim: int) -> None:
        super().__init__()
        self.rows = RowEmbedding(name, stream, dim)
        self.linear = nn.Linear(self.rows.dim, dim)

    def forward(self, rows: Shaped[Tensor, "B R D"]) -> Float[Tensor, "B R C"]:
        return self.linear(self.rows(rows))


def _row_encoders(streams: Mapping[str, StreamSpec], names: Iterable[str], dim: int) -> nn.ModuleDict:
    return nn.ModuleDict({name: _RowEncoder(name, streams[name], dim) for name in names})


def _lookahead(music: Mapping[str, Span], music_rate: int) -> int:
    """Frames of music after that of the position which its fastest input shows."""
    if not music:
        return 0
    fastest = max(music.values(), key=lambda span: span.rate)
    return int((fastest.length - 1) * music_rate / fastest.rate)


def _music_span(rate: Fraction, lookahead: int, music_rate: int) -> Span:
    """The frames of an input that music up to ``lookahead`` frames ahead needs of it, whatever the position."""
    own = rate / music_rate
    return Span(start=0, length=1 + count_frames(lookahead, own), rate=rate)


def _check_spans(motion: Mapping[str, Span], music: Mapping[str, Span], music_rate: int) -> None:
    if not motion and not music:
        raise ModelError("a causal encoder needs at least one time-synced input")
    for name, span in motion.items():
        if span != _LAST_FRAME:
            raise ModelError(
                f"a causal encoder reads of autoregressive input {name!r} the one frame before the output, "
                f"not frames [{span.start}, {span.stop}): give it length 1, and an offset one less than the "
                "output's"
            )
    for name, span in music.items():
        if span.start != 0:
            raise ModelError(
                f"a causal encoder reads input {name!r} from the output's first frame on, not frames "
                f"[{span.start}, {span.stop}): give it the output's offset; its length is 1 + the lookahead"
            )
        if (music_rate / span.rate).denominator > 1:
            raise ModelError(
                f"a causal encoder cannot read input {name!r}, which has {span.rate} frames for each position, "
                f"beside one which has {music_rate}: one must be a multiple of the other"
            )
    lookahead = _lookahead(music, music_rate)
    wanted = {name: _music_span(span.rate, lookahead, music_rate).length for name, span in music.items()}
    if any(music[name].length != length for name, length in wanted.items()):
        lengths = ", ".join(f"{name!r} {span.length}" for name, span in music.items())
        raise ModelError(
            f"a causal encoder looks equally far ahead in all inputs but its outputs; their lengths are {lengths}"
            + (
                ""
                if set(wanted.values()) == {1 + lookahead}
                else f", and must be {', '.join(map(str, wanted.values()))}"
            )
        )
