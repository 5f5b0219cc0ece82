"""A causal transformer with a sliding window: all frames at once in training, frame by frame on stage.

A frame attends to itself and to the ``window`` frames before it; with a memory (music tokens), also to the memory's
frames ``[t - window, t + reach]``. Frame j of the memory happens at the same time as frame j of the stream. Positions
are relative, so a stream may run for hours. ``forward`` and any chunking of ``step`` give the same numbers.

Shape letters: B batch, T frames, S memory frames, C model width, M memory width.
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
from transflower.nn.causal_block import Angles, CausalBlock, FoldedMemory, KeysValues, Past, View
from transflower.nn.positions import ROTARY_PERIOD, Rotary, band_mask
from transflower.nn.replay import Replayed
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
    """What a stream remembers: the keys and values of each layer's window, and of the memory still in reach."""

    def __init__(self, layers: int) -> None:
        self.position = 0
        """The frame that comes next."""
        self.own = [KeyValueCache() for _ in range(layers)]
        self.memory = [KeyValueCache() for _ in range(layers)]
        self.one_frame: Replayed[tuple[Tensor, list[KeysValues]]] | None = None
        """What encodes a single frame, where that is not done layer by layer."""

    @property
    def memory_frames(self) -> range:
        """The frames of the memory that are held."""
        return self.memory[0].frames

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = {"position": torch.tensor(self.position)}
        for kind, caches in (("own", self.own), ("memory", self.memory)):
            for layer, cache in enumerate(caches):
                state |= prefixed(f"{kind}.{layer}.", cache.state_dict())
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken."""
        self.position = int(state["position"])
        for kind, caches in (("own", self.own), ("memory", self.memory)):
            for layer, cache in enumerate(caches):
                cache.load_state_dict(under(f"{kind}.{layer}.", state))


class CausalTransformer(nn.Module):
    """Pre-norm blocks of windowed self-attention, attention to a memory where there is one, and a gated perceptron.

    Each block starts as the identity; the output is normalised.
    """

    def __init__(self, config: CausalConfig, memory_dim: int | None = None) -> None:
        super().__init__()
        self.config = config
        self.has_memory = memory_dim is not None
        self.rotary = Rotary(config.width // config.heads)
        self.blocks = nn.ModuleList(_build_block(config, memory_dim) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width)
        self._folded_memory: FoldedMemory | None = None

    def forward(
        self, x: Float[Tensor, "B T C"], memory: Float[Tensor, "B S M"] | None = None, *, reach: int | Tensor = 0
    ) -> Float[Tensor, "B T C"]:
        """Encode all frames of a stretch, which begins without history.

        The cost grows with the square of its length: encode a whole song by ``step``, a few windows at a time.

        Args:
            x: the stretch.
            memory: what happens at the same times; may go on after the stretch, and must not end before it.
            reach: frames of the memory after the present one that are seen, for all rows or one number for each.
        """
        frames = range(x.shape[1])
        memory_frames = range(0 if memory is None else memory.shape[1])
        self._check_memory(frames, memory_frames)
        view = self._view(frames, frames, memory_frames, reach, x)
        # Autocast hands over bf16, in which what the layers add to the stream would be lost.
        x = x.to(self.norm.weight.dtype)
        layers = [None] * len(self.blocks) if memory is None else self._keys_values(memory, first=0)
        for block, seen in zip(self._blocks(), layers, strict=True):
            x = block(x, view, None, seen)
        return self.norm(x)

    def start(self, *, is_replayed: bool = False) -> CausalCache:
        """The cache of a stream that begins; ``is_replayed`` if it will go on frame by frame, all of the same shape."""
        cache = CausalCache(self.config.layers)
        if is_replayed:
            cache.one_frame = Replayed(self._one_frame)
        return cache

    @torch.no_grad()
    def push_memory(self, memory: Float[Tensor, "B S M"], cache: CausalCache) -> None:
        """Append the next frames of the memory; those out of the window are forgotten."""
        first = cache.memory_frames.stop
        keep = first - cache.position + self.config.window
        for held, (keys, values) in zip(cache.memory, self._keys_values(memory, first=first), strict=True):
            held.append(keys, values, keep=keep)

    def step(self, x: Float[Tensor, "B T C"], cache: CausalCache, *, reach: int | Tensor = 0) -> Float[Tensor, "B T C"]:
        """Encode the next frames of a stream; the memory must have been pushed that far."""
        frames = range(cache.position, cache.position + x.shape[1])
        self._check_memory(frames, cache.memory_frames)
        own_frames = range(max(0, frames.start - self.config.window), frames.stop)
        furthest = int(reach.max()) if isinstance(reach, Tensor) else reach
        memory_frames = range(own_frames.start, min(cache.memory_frames.stop, frames.stop + furthest))
        if cache.one_frame is not None and cache.position and len(frames) == 1 and isinstance(reach, int):
            return self._replay(x, cache, memory_frames, reach)
        view = self._view(frames, own_frames, memory_frames, reach, x)
        for block, own, memory in zip(self._blocks(), cache.own, cache.memory, strict=True):
            x = block(x, view, own, memory.read(memory_frames) if self.has_memory else None)
        cache.position = frames.stop
        return self.norm(x)

    def fold(self) -> None:
        """Move the norms' weights into the maps that read what was normalised, and make all layers' memory at once."""
        for block in self._blocks():
            block.absorb_norms()
        if self.has_memory:
            self._folded_memory = FoldedMemory([block.memory for block in self._blocks()])

    def _replay(self, x: Tensor, cache: CausalCache, memory_frames: range, reach: int) -> Tensor:
        """Encode one frame by tensors of the same shapes as for every other frame: what is not there yet is masked."""
        assert cache.one_frame is not None
        position, back = cache.position, self.config.window
        past = range(max(0, position - back), position)
        own = [_filled(layer.read(past), back) for layer in cache.own]
        own_mask = _filled_mask(len(past) + 1, back + 1, x.device)
        memory, memory_mask = [], own_mask
        if self.has_memory:
            length = back + 1 + reach
            memory = [_filled(layer.read(memory_frames), length) for layer in cache.memory]
            memory_mask = _filled_mask(len(memory_frames), length, x.device)
        angles = self.rotary.angles(position, 1, like=x)
        encoded, added = cache.one_frame(x, angles, own_mask, memory_mask, own, memory)
        for layer, (keys, values) in zip(cache.own, added, strict=True):
            layer.append(keys, values, keep=back)
        cache.position += 1
        return encoded

    def _one_frame(
        self,
        x: Float[Tensor, "B 1 C"],
        angles: Angles,
        own_mask: Bool[Tensor, "1 _"],
        memory_mask: Bool[Tensor, "1 _"],
        own: list[KeysValues],
        memory: list[KeysValues],
    ) -> tuple[Float[Tensor, "B 1 C"], list[KeysValues]]:
        """The next frame, given every layer's keys and values before it; and those of the frame itself."""
        view = View(angles=angles, own_frames=range(0), own_mask=own_mask, memory_mask=memory_mask)
        pasts = [Past(keys, values) for keys, values in own]
        for index, block in enumerate(self._blocks()):
            x = block(x, view, pasts[index], memory[index] if self.has_memory else None)
        return self.norm(x), [past.added for past in pasts]

    def _keys_values(self, memory: Tensor, *, first: int) -> Iterable[KeysValues]:
        """Of each layer, of the memory's frames from ``first`` on."""
        angles = self.rotary.angles(first, memory.shape[1], like=memory)
        if self._folded_memory is not None:
            return self._folded_memory(memory, angles)
        return (block.memory.keys_values(memory, angles) for block in self._blocks())

    def _blocks(self) -> "list[CausalBlock]":
        return cast("list[CausalBlock]", list(self.blocks))

    def _view(self, frames: range, own: range, memory: range, reach: int | Tensor, x: Tensor) -> "View":
        """Masks are left out where one frame sees all that is given."""
        needs_own_mask = len(frames) > 1
        needs_memory_mask = self.has_memory and (len(frames) > 1 or isinstance(reach, Tensor))
        back = self.config.window
        return View(
            angles=self.rotary.angles(frames.start, len(frames), like=x),
            own_frames=own,
            own_mask=band_mask(frames, own, back=back, ahead=0, device=x.device) if needs_own_mask else None,
            memory_mask=(
                band_mask(frames, memory, back=back, ahead=reach, device=x.device) if needs_memory_mask else None
            ),
        )

    def _check_memory(self, frames: range, memory_frames: range) -> None:
        if not self.has_memory:
            if memory_frames:
                raise ModelError("a causal transformer built without a memory was given one; build it with memory_dim")
        elif memory_frames.stop < frames.stop:
            raise ModelError(
                f"frame {frames.stop - 1} needs the memory of its own time, of which there are only "
                f"{memory_frames.stop} frames; give or push that much memory first"
            )


def _build_block(config: CausalConfig, memory_dim: int | None) -> CausalBlock:
    return CausalBlock(
        config.width,
        config.heads,
        window=config.window,
        hidden_dim=max(1, round(config.feedforward * config.width)),
        dropout=config.dropout,
        memory_dim=memory_dim,
    )


def _filled(keys_values: KeysValues, length: int) -> KeysValues:
    """``length`` frames, those that are not there first."""
    missing = length - keys_values[0].shape[2]
    if not missing:
        return keys_values
    keys, values = (functional.pad(part, (0, 0, missing, 0)) for part in keys_values)
    return keys, values


def _filled_mask(known: int, length: int, device: torch.device) -> Bool[Tensor, "1 _"]:
    """True for those frames of ``_filled`` that are there."""
    return torch.arange(length, device=device)[None] >= length - known
