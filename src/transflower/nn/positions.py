"""Positions of tokens: learned tables, learned biases, rotations, and masks over distances.

Shape letters: B batch, H heads, L tokens, Q query tokens, S key tokens, E channels of one head.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

ROTARY_PERIOD = 8192
"""Rotations repeat after this many frames: windows must stay below it."""


class AbsolutePositions(nn.Module):
    """A learned vector for each of ``length`` positions, added to the tokens; starts at zero.

    Example:
        >>> positions = AbsolutePositions(length=3, dim=2)
        >>> _ = torch.nn.init.ones_(positions.table[1])
        >>> positions(torch.zeros(1, 3, 2))[0].tolist()
        [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    """

    def __init__(self, length: int, dim: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(length, dim))

    def forward(self, x: Float[Tensor, "B L C"]) -> Float[Tensor, "B L C"]:
        """The tokens, each with the vector of its position added."""
        return x + self.table


class RelativeBias(nn.Module):
    """A learned score for each pair of positions, shared by all heads and layers; starts at zero.

    It is a free matrix, so not the same for equal distances: the published model's "relative" positions.
    """

    def __init__(self, length: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(length, length))

    def forward(self) -> Float[Tensor, "L L"]:
        """Scores to add to the attention of query row, key column."""
        return self.table


class Rotary(nn.Module):
    """Rotary positions whose frequencies all divide one period.

    Jianlin Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021, section 3.2. What differs:
    frames t and t + ROTARY_PERIOD have equal angles, which are looked up at t modulo the period. So precision does not
    fall with the length of a stream.

    Example:
        >>> rotary, token = Rotary(head_dim=4), torch.ones(1, 4)
        >>> def score(query, key):
        ...     turned = (rotate(token, rotary.angles(frame, 1, like=token)) for frame in (query, key))
        ...     return round(torch.mul(*turned).sum().item(), 4)
        >>> score(7, 5) == score(107, 105)  # only the distance counts
        True
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, head_dim: int) -> None:
        super().__init__()
        assert head_dim % 2 == 0, "rotary positions turn pairs of channels"
        fastest = math.log2(ROTARY_PERIOD / (2 * math.pi))  # one radian a frame
        cycles = torch.logspace(fastest, 0, head_dim // 2, base=2, dtype=torch.float64).round()
        frames = torch.arange(ROTARY_PERIOD, dtype=torch.float64)
        angles = 2 * math.pi * frames[:, None] * cycles / ROTARY_PERIOD
        dtype = torch.get_default_dtype()
        sin = angles.sin()
        self.register_buffer("cos", angles.cos().repeat(1, 2).to(dtype), persistent=False)
        self.register_buffer("sin", torch.cat([-sin, sin], dim=1).to(dtype), persistent=False)

    def angles(self, first: int, count: int, *, like: Tensor, step: int = 1) -> tuple[Tensor, Tensor]:
        """Cosine and signed sine for every channel, each ``[count, E]``, of every ``step``-th frame from ``first``."""
        start = first % ROTARY_PERIOD
        stop = start + step * count
        if stop <= ROTARY_PERIOD:
            return self.cos[start:stop:step].to(like.dtype), self.sin[start:stop:step].to(like.dtype)
        frames = torch.arange(start, stop, step, device=self.cos.device) % ROTARY_PERIOD
        return self.cos[frames].to(like.dtype), self.sin[frames].to(like.dtype)


def rotate(x: Float[Tensor, "*shape L E"], angles: tuple[Tensor, Tensor]) -> Float[Tensor, "*shape L E"]:
    """Turn each pair of channels (e, e + E / 2) by the angle of its frame."""
    cos, sin = angles
    # The other channel of a pair is half of the channels away: three calls, and calls are what a single frame costs.
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, dims=-1), sin)


def band_mask(
    queries: range, keys: range, *, back: int, ahead: int | Tensor, device: torch.device
) -> Bool[Tensor, "Q S"] | Bool[Tensor, "B 1 Q S"]:
    """True where a key's frame lies in ``[query - back, query + ahead]``; ``ahead`` may differ by row."""
    query_frames = torch.arange(queries.start, queries.stop, queries.step, device=device)
    key_frames = torch.arange(keys.start, keys.stop, device=device)
    distance = key_frames - query_frames[:, None]
    if isinstance(ahead, Tensor):
        ahead = ahead.to(device)[:, None, None, None]
    return (distance >= -back) & (distance <= ahead)
