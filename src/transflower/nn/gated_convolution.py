"""The convolutional network of Flow++: gated residual blocks over the frames of a prediction, with attention or not.

Jonathan Ho et al., "Flow++: improving flow-based generative models with variational dequantization and architecture
design", 2019, section 3.2.2.

Shape letters: M batch and positions, N frames, I channels in, O channels out, C width.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from transflower.nn.attention import check_heads, join_heads, split_heads
from transflower.nn.batch_share import Dropout
from transflower.nn.weight_norm import WeightNorm


class GatedConvolutions(nn.Module):
    """Weight-normalised convolutions of 3 frames in and out, and ``blocks`` gated residual blocks between.

    Example:
        >>> network = GatedConvolutions(3, 2, width=8, blocks=1, heads=2, dropout=0.0)
        >>> network(torch.zeros(4, 5, 3)).shape  # 5 frames
        torch.Size([4, 5, 2])
    """

    def __init__(self, in_dim: int, out_dim: int, *, width: int, blocks: int, heads: int, dropout: float) -> None:
        """``heads`` of each block's attention; 0 leaves attention out."""
        super().__init__()
        self.input = _convolution(in_dim, width, 3)
        self.blocks = nn.ModuleList(_Block(width, heads, dropout) for _ in range(blocks))
        self.output = _convolution(width, out_dim, 3)

    def forward(self, x: Float[Tensor, "M N I"]) -> Float[Tensor, "M N O"]:
        """Map every frame, seeing those around it."""
        hidden = _along_frames(self.input, x)
        for block in self.blocks:
            hidden = block(hidden)
        return _along_frames(self.output, hidden)

    def start_at_zero(self) -> None:
        """Set the output to zero; the directions of its weights stay random, so that training can start."""
        nn.init.zeros_(self.output.get_parameter("parametrizations.weight.original0"))
        nn.init.zeros_(self.output.get_parameter("bias"))


class _Block(nn.Module):
    """A gated convolution, then gated attention: each with a residual and a norm after it."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.convolution = _GatedConvolution(width, dropout)
        self.convolution_norm = nn.LayerNorm(width)
        self.attention = _GatedAttention(width, heads, dropout) if heads else None
        self.attention_norm = nn.LayerNorm(width) if heads else None

    def forward(self, x: Float[Tensor, "M N C"]) -> Float[Tensor, "M N C"]:
        x = self.convolution_norm(x + self.convolution(x))
        if self.attention is None or self.attention_norm is None:
            return x
        return self.attention_norm(x + self.attention(x))


class _GatedConvolution(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.convolution = _convolution(2 * width, width, 3)
        self.dropout = Dropout(dropout)
        self.gate = WeightNorm(nn.Linear(2 * width, 2 * width))

    def forward(self, x: Float[Tensor, "M N C"]) -> Float[Tensor, "M N C"]:
        hidden = _along_frames(self.convolution, _concat_elu(x))
        return functional.glu(self.gate(self.dropout(_concat_elu(hidden))), dim=-1)


class _GatedAttention(nn.Module):
    """Attention between frames, with sinusoidal positions."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        check_heads(width, heads)
        self.num_heads = heads
        self.dropout = Dropout(dropout)
        self.in_projection = WeightNorm(nn.Linear(width, 3 * width, bias=False))
        self.gate = WeightNorm(nn.Linear(width, 2 * width))

    def forward(self, x: Float[Tensor, "M N C"]) -> Float[Tensor, "M N C"]:
        projected = self.in_projection(x + _sinusoids(x)).chunk(3, dim=-1)
        query, key, value = (split_heads(part, self.num_heads) for part in projected)
        attended = join_heads(functional.scaled_dot_product_attention(query, key, value))
        return functional.glu(self.gate(self.dropout(attended)), dim=-1)


def _convolution(in_dim: int, out_dim: int, frames: int) -> WeightNorm:
    return WeightNorm(nn.Conv1d(in_dim, out_dim, frames, padding=frames // 2))


def _along_frames(convolution: nn.Module, x: Float[Tensor, "M N I"]) -> Float[Tensor, "M N O"]:
    return convolution(x.transpose(1, 2)).transpose(1, 2)


def _concat_elu(x: Tensor) -> Tensor:
    return functional.elu(torch.cat([x, -x], dim=-1))


def _sinusoids(x: Float[Tensor, "M N C"]) -> Float[Tensor, "N C"]:
    """Sines, then cosines, of wavelengths from 2 pi to 10000 times that."""
    half = x.shape[-1] // 2
    frequencies = torch.logspace(0, -4, half, device=x.device, dtype=x.dtype)
    angles = torch.arange(x.shape[1], device=x.device, dtype=x.dtype)[:, None] * frequencies
    sinusoids = torch.cat([angles.sin(), angles.cos()], dim=-1)
    return functional.pad(sinusoids, (0, x.shape[-1] - 2 * half))
