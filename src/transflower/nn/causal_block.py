"""One block of a causal transformer: causal self-attention, cross-attention to a source, and a gated perceptron.

Norms are RMSNorm (Zhang and Sennrich, 2019) before each part, queries and keys are normalised (Henry et al., "Query-key
normalization for transformers", 2020) and rotated (Su et al., "RoFormer", 2021), the perceptron is SwiGLU (Shazeer,
"GLU variants improve transformer", 2020).

Shape letters: B batch, T frames, S source frames, C model width, M source width, H heads, E channels of one head.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from transflower.nn.attention import KeyValueCache, join_heads, split_heads
from transflower.nn.batch_share import Dropout
from transflower.nn.fusion import fuse_norm, stack_linears
from transflower.nn.positions import rotate

KeysValues = tuple[Tensor, Tensor]
"""Each ``[B, H, S, E]``."""
Angles = tuple[Tensor, Tensor]
"""Cosines and signed sines, each ``[T, E]``."""


@dataclass(frozen=True)
class View:
    """Rotations and masks of the present frames, the same for all blocks."""

    angles: Angles
    source_angles: Angles
    """Those of the frames of the source that are of the same times."""
    own_frames: range
    own_mask: Tensor | None
    source_mask: Tensor | None


class Past:
    """Keys and values of the frames before, unchanged, and those of the present one."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self._before = keys, values
        self.added: KeysValues

    def append(self, keys: Tensor, values: Tensor, *, keep: int) -> None:
        """Set those of the present frame."""
        self.added = keys, values

    def read(self, frames: range) -> KeysValues:
        """All of them, whatever ``frames``."""
        keys, values = (torch.cat(parts, dim=2) for parts in zip(self._before, self.added, strict=True))
        return keys, values


class CausalBlock(nn.Module):
    """Self-attention, cross-attention, perceptron: each with a norm before it and a residual around it.

    The cross-attention is called ``memory`` in saved weights.
    """

    def __init__(
        self, dim: int, num_heads: int, *, window: int, hidden_dim: int, dropout: float, source_dim: int | None
    ) -> None:
        super().__init__()
        self.own_norm = nn.RMSNorm(dim)
        self.own = _OwnAttention(dim, num_heads, window)
        self.has_source = source_dim is not None
        if source_dim is not None:
            self.memory_norm = nn.RMSNorm(dim)
            self.memory = SourceAttention(dim, source_dim, num_heads)
        self.feedforward_norm = nn.RMSNorm(dim)
        self.feedforward = _SwiGLU(dim, hidden_dim)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, view: View, cache: KeyValueCache | Past | None, source: KeysValues | None) -> Tensor:
        """Map the tokens ``[B, T, C]``; keys and values of ``x`` are appended to a cache."""
        x = x + self.dropout(self.own(self.own_norm(x), view, cache))
        if source is not None:
            x = x + self.dropout(self.memory(self.memory_norm(x), view, source))
        return x + self.dropout(self.feedforward(self.feedforward_norm(x)))

    def fuse_norms(self) -> None:
        """Multiply the weights of the maps after each norm by those of the norm."""
        fuse_norm(self.own_norm, self.own.in_projection)
        fuse_norm(self.feedforward_norm, self.feedforward.expand)
        if self.has_source:
            fuse_norm(self.memory_norm, self.memory.query)
            fuse_norm(self.memory.source_norm, self.memory.key_value)


class _OwnAttention(nn.Module):
    """Causal self-attention, with normalised and rotated queries and keys."""

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
    """A learned factor of each channel."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))


class SourceAttention(nn.Module):
    """Cross-attention to a second stream, whose keys and values are computed once."""

    def __init__(self, dim: int, source_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.source_norm = nn.RMSNorm(source_dim)
        self.query = nn.Linear(dim, dim, bias=False)
        self.key_value = nn.Linear(source_dim, 2 * dim, bias=False)
        self.query_norm = nn.RMSNorm(dim // num_heads)
        self.key_norm = nn.RMSNorm(dim // num_heads)
        self.out_projection = _zero_linear(dim, dim)

    def keys_values(self, source: Tensor, angles: Angles) -> KeysValues:
        """Keys, rotated to their frames, and values."""
        both = self.key_value(self.source_norm(source))
        key, value = (split_heads(part, self.num_heads) for part in both.chunk(2, dim=-1))
        return rotate(self.key_norm(key.to(source.dtype)), angles).to(value.dtype), value

    def forward(self, x: Tensor, view: View, source: KeysValues) -> Tensor:
        """Attend from the tokens ``[B, T, C]`` to the source."""
        key, value = source
        query = self.query_norm(split_heads(self.query(x), self.num_heads).to(x.dtype))
        query = rotate(query, view.source_angles).to(value.dtype)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=view.source_mask)
        return self.out_projection(join_heads(attended))


class FusedSource(nn.Module):
    """The keys and values of all layers by one map, of the same source; norms are fused before."""

    def __init__(self, layers: "list[SourceAttention]") -> None:
        super().__init__()
        self.num_layers, self.num_heads = len(layers), layers[0].num_heads
        self.source_norm = layers[0].source_norm
        self.key_value = stack_linears([layer.key_value for layer in layers])
        self.key_norm = nn.RMSNorm(layers[0].key_norm.normalized_shape, elementwise_affine=False)
        gains = torch.stack([layer.key_norm.weight for layer in layers])
        self.gain = nn.Parameter(gains[:, None, None, None], requires_grad=False)
        for layer in layers:
            del layer.source_norm, layer.key_value, layer.key_norm

    def forward(self, source: Tensor, angles: Angles) -> Iterable[KeysValues]:
        """Of each layer, of the source ``[B, S, M]``."""
        mapped = self.key_value(self.source_norm(source))
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
