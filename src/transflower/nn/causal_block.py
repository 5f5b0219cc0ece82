"""One block of a causal transformer: attention to its own past, attention to a memory, and a perceptron.

Shape letters: B batch, T frames, S memory frames, C model width, M memory width, H heads, E channels of one head.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from transflower.nn.attention import KeyValueCache, join_heads, split_heads
from transflower.nn.folding import absorb, stacked
from transflower.nn.positions import rotate

KeysValues = tuple[Tensor, Tensor]
"""Each ``[B, H, S, E]``."""
Angles = tuple[Tensor, Tensor]
"""Cosines and signed sines, each ``[T, E]``."""


@dataclass(frozen=True)
class View:
    """What the present frames may see, the same for all blocks."""

    angles: Angles
    own_frames: range
    own_mask: Tensor | None
    memory_mask: Tensor | None


class Past:
    """Keys and values of the frames before, which stay as they are, and beside them those of the present one."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self._before = keys, values
        self.added: KeysValues

    def append(self, keys: Tensor, values: Tensor, *, keep: int) -> None:
        """Those of the present frame."""
        self.added = keys, values

    def read(self, frames: range) -> KeysValues:
        """All of them, whatever ``frames``."""
        keys, values = (torch.cat(parts, dim=2) for parts in zip(self._before, self.added, strict=True))
        return keys, values


class CausalBlock(nn.Module):
    """Own frames, memory, perceptron: each normalised before and added after."""

    def __init__(
        self, dim: int, num_heads: int, *, window: int, hidden_dim: int, dropout: float, memory_dim: int | None
    ) -> None:
        super().__init__()
        self.own_norm = nn.RMSNorm(dim)
        self.own = _OwnAttention(dim, num_heads, window)
        self.has_memory = memory_dim is not None
        if memory_dim is not None:
            self.memory_norm = nn.RMSNorm(dim)
            self.memory = MemoryAttention(dim, memory_dim, num_heads)
        self.feedforward_norm = nn.RMSNorm(dim)
        self.feedforward = _SwiGLU(dim, hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, view: View, cache: KeyValueCache | Past | None, memory: KeysValues | None) -> Tensor:
        """The tokens ``[B, T, C]`` with all three added; a cache is given the keys and values of ``x``."""
        x = x + self.dropout(self.own(self.own_norm(x), view, cache))
        if memory is not None:
            x = x + self.dropout(self.memory(self.memory_norm(x), view, memory))
        return x + self.dropout(self.feedforward(self.feedforward_norm(x)))

    def absorb_norms(self) -> None:
        """Move the norms' weights into the maps that read what was normalised."""
        absorb(self.own_norm, self.own.in_projection)
        absorb(self.feedforward_norm, self.feedforward.expand)
        if self.has_memory:
            absorb(self.memory_norm, self.memory.query)
            absorb(self.memory.source_norm, self.memory.key_value)


class _OwnAttention(nn.Module):
    """Attention to the stream's own past, with normalised and rotated queries and keys."""

    def __init__(self, dim: int, num_heads: int, window: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.window = window
        self.in_projection = nn.Linear(dim, 3 * dim, bias=False)
        head_dim = dim // num_heads
        self.norm = nn.RMSNorm(head_dim, elementwise_affine=False)
        self.query_norm, self.key_norm = _Gain(head_dim), _Gain(head_dim)
        self.out_projection = _zero_linear(dim, dim)

    def forward(self, x: Tensor, view: View, cache: KeyValueCache | Past | None) -> Tensor:
        parts = self.in_projection(x).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)  # [3, B, H, T, E]
        both, value = parts[:2], parts[2]
        gains = torch.stack([self.query_norm.weight, self.key_norm.weight])[:, None, None, None]
        query, key = rotate(self.norm(both) * gains, view.angles).to(value.dtype)
        if cache is not None:
            cache.append(key, value, keep=self.window)
            key, value = cache.read(view.own_frames)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=view.own_mask)
        return self.out_projection(join_heads(attended))


class _Gain(nn.Module):
    """What each channel is multiplied by once it is normalised."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))


class MemoryAttention(nn.Module):
    """Attention to a second stream, whose keys and values are made once."""

    def __init__(self, dim: int, memory_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.source_norm = nn.RMSNorm(memory_dim)
        self.query = nn.Linear(dim, dim, bias=False)
        self.key_value = nn.Linear(memory_dim, 2 * dim, bias=False)
        self.query_norm = nn.RMSNorm(dim // num_heads)
        self.key_norm = nn.RMSNorm(dim // num_heads)
        self.out_projection = _zero_linear(dim, dim)

    def keys_values(self, memory: Tensor, angles: Angles) -> KeysValues:
        """Keys, rotated to their frames, and values."""
        both = self.key_value(self.source_norm(memory))
        key, value = (split_heads(part, self.num_heads) for part in both.chunk(2, dim=-1))
        return rotate(self.key_norm(key.to(memory.dtype)), angles).to(value.dtype), value

    def forward(self, x: Tensor, view: View, memory: KeysValues) -> Tensor:
        """What the tokens ``[B, T, C]`` find in the memory."""
        key, value = memory
        query = self.query_norm(split_heads(self.query(x), self.num_heads).to(x.dtype))
        query = rotate(query, view.angles).to(value.dtype)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=view.memory_mask)
        return self.out_projection(join_heads(attended))


class FoldedMemory(nn.Module):
    """The keys and values of all layers by one map: they read the same memory, and their norms have no weights left."""

    def __init__(self, layers: "list[MemoryAttention]") -> None:
        super().__init__()
        self.num_layers, self.num_heads = len(layers), layers[0].num_heads
        self.source_norm = layers[0].source_norm
        self.key_value = stacked([layer.key_value for layer in layers])
        self.key_norm = nn.RMSNorm(layers[0].key_norm.normalized_shape, elementwise_affine=False)
        gains = torch.stack([layer.key_norm.weight for layer in layers])
        self.gain = nn.Parameter(gains[:, None, None, None], requires_grad=False)
        for layer in layers:
            del layer.source_norm, layer.key_value, layer.key_norm

    def forward(self, memory: Tensor, angles: Angles) -> Iterable[KeysValues]:
        """Of each layer, of the memory ``[B, S, M]``."""
        mapped = self.key_value(self.source_norm(memory))
        parts = mapped.unflatten(-1, (self.num_layers, 2, self.num_heads, -1))  # [B, S, layers, 2, H, E]
        keys, values = parts.permute(3, 2, 0, 4, 1, 5)
        return zip(rotate(self.key_norm(keys) * self.gain, angles).to(values.dtype), values, strict=True)


class _SwiGLU(nn.Module):
    """Gated perceptron."""

    def __init__(self, dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.expand = nn.Linear(dim, 2 * hidden_dim, bias=False)
        self.contract = _zero_linear(hidden_dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.expand(x).chunk(2, dim=-1)
        return self.contract(functional.silu(gate) * value)


def _zero_linear(in_dim: int, out_dim: int) -> nn.Linear:
    """A map that starts at zero, so that a block starts as the identity."""
    linear = nn.Linear(in_dim, out_dim, bias=False)
    nn.init.zeros_(linear.weight)
    return linear
