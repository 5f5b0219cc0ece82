"""A causal transformer with a sliding window: all frames at once in training, frame by frame in generation.

A frame attends to itself and to the ``window`` frames before it; with a source (music tokens), also to the frames
``[t - window, t + lookahead]`` of the source. Frame j of the source and frame j of the stream are of the same time. A
source may be faster: then frame k * t is of the same time as frame t, which attends to
``[k * (t - window), k * t + lookahead]``.
Positions are relative, so that streams have no largest length. ``forward`` and any chunking of ``step`` give the same
numbers.

Shape letters: B batch, T frames, S source frames, C model width, M source width.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from transflower.core.errors import ModelError, OptionsError
from transflower.core.options.ranges import Depth
from transflower.nn.attention import KeyValueCache
from transflower.nn.causal_block import Angles, CausalBlock, FusedSource, KeysValues, Past, View
from transflower.nn.cuda_graphs import GraphedFunction
from transflower.nn.positions import ROTARY_PERIOD, Rotary, band_mask
from transflower.nn.state import prefixed, under

_WIDEST_HEAD = 1024
"""Channels; tables of their angles grow with it."""


@dataclass(frozen=True, kw_only=True)
class CausalConfig:
    """Size of a causal transformer."""

    width: int = 256
    """Channels of a token."""
    layers: Depth = 4
    """Blocks of attention and perceptron."""
    heads: int = 4
    """Attention heads; must divide the width into an even number of channels each."""
    window: int = 90
    """Frames before the present one that each layer sees."""
    feedforward: float = 2.0
    """Hidden width of the gated perceptrons, as a multiple of the width."""
    dropout: float = 0.0
    """Share of each block's contribution that training drops."""

    def __post_init__(self) -> None:
        if min(self.width, self.layers, self.heads) < 1 or self.feedforward <= 0:
            raise OptionsError("a causal transformer needs width, layers, heads and feedforward above 0")
        if self.width % (2 * self.heads):
            raise OptionsError(
                f"a width of {self.width} does not give each of {self.heads} heads an even number of channels; "
                f"choose a multiple of {2 * self.heads}"
            )
        if self.width // self.heads > _WIDEST_HEAD:
            raise OptionsError(
                f"a head of a causal transformer has {_WIDEST_HEAD} channels at most; "
                f"share the width of {self.width} by more than {self.heads} heads"
            )
        if not 0 <= self.window < ROTARY_PERIOD // 2:
            raise OptionsError(f"window must be at least 0 and below {ROTARY_PERIOD // 2}, got {self.window}")
        if not 0 <= self.dropout < 1:
            raise OptionsError(f"dropout must be at least 0 and below 1, got {self.dropout}")


class CausalCache:
    """State of a stream: keys and values of each layer's window, of its own frames and of the source."""

    def __init__(self, layers: int) -> None:
        self.position = 0
        """The frame that comes next."""
        self.own = [KeyValueCache() for _ in range(layers)]
        self.source = [KeyValueCache() for _ in range(layers)]
        self.one_frame: GraphedFunction[tuple[Tensor, list[KeysValues]]] | None = None
        """Encodes a single frame as a CUDA graph; None where layers are called one by one."""

    @property
    def source_frames(self) -> range:
        """The frames of the source that are held."""
        return self.source[0].frames

    def state_dict(self) -> dict[str, Tensor]:
        """The state, as named tensors."""
        state = {"position": torch.tensor(self.position)}
        for kind, caches in (("own", self.own), ("memory", self.source)):
            for layer, cache in enumerate(caches):
                state |= prefixed(f"{kind}.{layer}.", cache.state_dict())
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        self.position = int(state["position"])
        for kind, caches in (("own", self.own), ("memory", self.source)):
            for layer, cache in enumerate(caches):
                cache.load_state_dict(under(f"{kind}.{layer}.", state))


class CausalTransformer(nn.Module):
    """Pre-norm blocks of windowed self-attention, cross-attention to a source if there is one, and a gated perceptron.

    Each block starts as the identity; the output is normalised.

    Example:
        >>> transformer = CausalTransformer(CausalConfig(width=16, layers=1, heads=2, window=8)).eval()
        >>> frames = torch.randn(1, 5, 16)
        >>> whole, beginning = transformer(frames), transformer(frames[:, :3])
        >>> bool(torch.allclose(whole[:, :3], beginning, atol=1e-5))
        True
    """

    def __init__(self, config: CausalConfig, source_dim: int | None = None, *, source_rate: int = 1) -> None:
        super().__init__()
        self.config = config
        self.source_rate = source_rate
        """Frames of the source for each of the stream."""
        if source_rate * config.window >= ROTARY_PERIOD // 2:
            raise ModelError(
                f"a window of {config.window} positions holds {source_rate * config.window} frames of an input, which "
                f"must be below {ROTARY_PERIOD // 2}; shorten the window"
            )
        self.has_source = source_dim is not None
        self.rotary = Rotary(config.width // config.heads)
        self.blocks = nn.ModuleList(_build_block(config, source_dim) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width)
        self._fused_source: FusedSource | None = None

    def forward(
        self, x: Float[Tensor, "B T C"], source: Float[Tensor, "B S M"] | None = None, *, lookahead: int | Tensor = 0
    ) -> Float[Tensor, "B T C"]:
        """Encode all frames of a stretch, which begins without history.

        The cost grows with the square of its length: encode a whole song by ``step``, a few windows at a time.

        Args:
            x: the stretch.
            source: frames of the same times; may go on after the stretch, and must not end before it.
            lookahead: frames of the source after the present one that are seen, for all rows or one number for each.
        """
        frames = range(x.shape[1])
        source_frames = range(0 if source is None else source.shape[1])
        self._check_source(frames, source_frames)
        view = self._view(frames, frames, source_frames, lookahead, x)
        # Under autocast ``x`` is bf16, in which small residuals would be lost.
        x = x.to(self.norm.weight.dtype)
        layers = [None] * len(self.blocks) if source is None else self._keys_values(source, first=0)
        for block, seen in zip(self._blocks(), layers, strict=True):
            x = block(x, view, None, seen)
        return self.norm(x)

    def start(self, *, is_graphed: bool = False) -> CausalCache:
        """The cache of a stream that begins; ``is_graphed`` if it will go on frame by frame, all of the same shape."""
        cache = CausalCache(self.config.layers)
        if is_graphed:
            cache.one_frame = GraphedFunction(self._one_frame)
        return cache

    @torch.no_grad()
    def push_source(self, source: Float[Tensor, "B S M"], cache: CausalCache) -> None:
        """Append the next frames of the source; those out of the window are dropped."""
        first = cache.source_frames.stop
        keep = first - self.source_rate * (cache.position - self.config.window)
        for held, (keys, values) in zip(cache.source, self._keys_values(source, first=first), strict=True):
            held.append(keys, values, keep=keep)

    def step(
        self, x: Float[Tensor, "B T C"], cache: CausalCache, *, lookahead: int | Tensor = 0
    ) -> Float[Tensor, "B T C"]:
        """Encode the next frames of a stream; the source must have been pushed that far."""
        frames = range(cache.position, cache.position + x.shape[1])
        self._check_source(frames, cache.source_frames)
        own_frames = range(max(0, frames.start - self.config.window), frames.stop)
        furthest = int(lookahead.max()) if isinstance(lookahead, Tensor) else lookahead
        last = self._source_frame(frames.stop - 1)
        source_frames = range(self._source_frame(own_frames.start), min(cache.source_frames.stop, last + 1 + furthest))
        if cache.one_frame is not None and cache.position and len(frames) == 1 and isinstance(lookahead, int):
            return self._step_graphed(x, cache, source_frames, lookahead)
        view = self._view(frames, own_frames, source_frames, lookahead, x)
        for block, own, source in zip(self._blocks(), cache.own, cache.source, strict=True):
            x = block(x, view, own, source.read(source_frames) if self.has_source else None)
        cache.position = frames.stop
        return self.norm(x)

    def fuse(self) -> None:
        """Fuse norms with the maps after them, and compute the keys and values of all layers by one map."""
        for block in self._blocks():
            block.fuse_norms()
        if self.has_source:
            self._fused_source = FusedSource([block.memory for block in self._blocks()])

    def _step_graphed(self, x: Tensor, cache: CausalCache, source_frames: range, lookahead: int) -> Tensor:
        """Encode one frame by tensors of the same shapes as for every other frame: missing frames are masked."""
        assert cache.one_frame is not None
        position, back = cache.position, self.config.window
        past = range(max(0, position - back), position)
        own = [_padded(layer.read(past), back) for layer in cache.own]
        own_mask = _padding_mask(len(past) + 1, back + 1, x.device)
        source, source_mask = [], own_mask
        if self.has_source:
            length = self._source_frame(back) + 1 + lookahead
            source = [_padded(layer.read(source_frames), length) for layer in cache.source]
            source_mask = _padding_mask(len(source_frames), length, x.device)
        angles = [self.rotary.angles(position, 1, like=x)]
        if self.source_rate > 1:
            angles.append(self._source_angles(range(position, position + 1), angles[0], x))
        encoded, added = cache.one_frame(x, angles, own_mask, source_mask, own, source)
        for layer, (keys, values) in zip(cache.own, added, strict=True):
            layer.append(keys, values, keep=back)
        cache.position += 1
        return encoded

    def _one_frame(
        self,
        x: Float[Tensor, "B 1 C"],
        angles: list[Angles],
        own_mask: Bool[Tensor, "1 _"],
        source_mask: Bool[Tensor, "1 _"],
        own: list[KeysValues],
        source: list[KeysValues],
    ) -> tuple[Float[Tensor, "B 1 C"], list[KeysValues]]:
        """The next frame, given every layer's keys and values before it; and those of the frame itself."""
        view = View(
            angles=angles[0],
            source_angles=angles[-1],
            own_frames=range(0),
            own_mask=own_mask,
            source_mask=source_mask,
        )
        pasts = [Past(keys, values) for keys, values in own]
        for index, block in enumerate(self._blocks()):
            x = block(x, view, pasts[index], source[index] if self.has_source else None)
        return self.norm(x), [past.added for past in pasts]

    def _keys_values(self, source: Tensor, *, first: int) -> Iterable[KeysValues]:
        """Of each layer, of the source's frames from ``first`` on."""
        angles = self.rotary.angles(first, source.shape[1], like=source)
        if self._fused_source is not None:
            return self._fused_source(source, angles)
        return (block.memory.keys_values(source, angles) for block in self._blocks())

    def _blocks(self) -> "list[CausalBlock]":
        return cast("list[CausalBlock]", list(self.blocks))

    def _view(self, frames: range, own: range, source: range, lookahead: int | Tensor, x: Tensor) -> "View":
        """Masks are left out where one frame sees all that is given."""
        needs_own_mask = len(frames) > 1
        needs_source_mask = self.has_source and (len(frames) > 1 or isinstance(lookahead, Tensor))
        back, rate = self.config.window, self.source_rate
        angles = self.rotary.angles(frames.start, len(frames), like=x)
        at_source = range(rate * frames.start, rate * frames.stop, rate)
        return View(
            angles=angles,
            source_angles=self._source_angles(frames, angles, x),
            own_frames=own,
            own_mask=band_mask(frames, own, back=back, ahead=0, device=x.device) if needs_own_mask else None,
            source_mask=(
                band_mask(at_source, source, back=rate * back, ahead=lookahead, device=x.device)
                if needs_source_mask
                else None
            ),
        )

    def _source_frame(self, frame: int) -> int:
        """The frame of the source that is of the same time."""
        return self.source_rate * frame

    def _source_angles(self, frames: range, angles: Angles, x: Tensor) -> Angles:
        """Angles of the frames of the source that are of the same times."""
        if self.source_rate == 1:
            return angles
        first = self._source_frame(frames.start)
        return self.rotary.angles(first, len(frames), like=x, step=self.source_rate)

    def _check_source(self, frames: range, source_frames: range) -> None:
        if not self.has_source:
            if source_frames:
                raise ModelError("a causal transformer built without a source was given one; build it with source_dim")
        elif source_frames.stop <= self._source_frame(frames.stop - 1):
            raise ModelError(
                f"frame {frames.stop - 1} needs the source of its own time, of which there are only "
                f"{source_frames.stop} frames; give or push that much of it first"
            )


def _build_block(config: CausalConfig, source_dim: int | None) -> CausalBlock:
    return CausalBlock(
        config.width,
        config.heads,
        window=config.window,
        hidden_dim=max(1, round(config.feedforward * config.width)),
        dropout=config.dropout,
        source_dim=source_dim,
    )


def _padded(keys_values: KeysValues, length: int) -> KeysValues:
    """``length`` frames: padding, then the given ones."""
    missing = length - keys_values[0].shape[2]
    if not missing:
        return keys_values
    keys, values = (functional.pad(part, (0, 0, missing, 0)) for part in keys_values)
    return keys, values


def _padding_mask(known: int, length: int, device: torch.device) -> Bool[Tensor, "1 _"]:
    """True for those frames of ``_padded`` that are no padding."""
    return torch.arange(length, device=device)[None] >= length - known
