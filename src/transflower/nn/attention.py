"""Multi-head attention, and a cache of keys and values for frame-by-frame evaluation.

Ashish Vaswani et al., "Attention is all you need", 2017, section 3.2.

Shape letters: B batch, H heads, L tokens, S key tokens, C model width, E channels of one head.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from transflower.core.errors import ModelError
from transflower.nn.batch_share import drop, is_shared


def split_heads(x: Float[Tensor, "B L C"], num_heads: int) -> Float[Tensor, "B H L E"]:
    """Channels to heads."""
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def join_heads(x: Float[Tensor, "B H L E"]) -> Float[Tensor, "B L C"]:
    """Heads back to channels."""
    return x.transpose(1, 2).flatten(2)


def check_heads(dim: int, num_heads: int) -> None:
    """Refuse a width that the heads do not divide.

    Raises:
        ModelError: naming both numbers.
    """
    if dim < 1 or num_heads < 1 or dim % num_heads:
        raise ModelError(f"a width of {dim} cannot be shared by {num_heads} attention heads; choose a multiple")


class SelfAttention(nn.Module):
    """Every token attends to every token, as in torch's ``MultiheadAttention``.

    Example:
        >>> attention = SelfAttention(dim=8, num_heads=2).eval()
        >>> x, before = torch.randn(1, 4, 8), torch.ones(4, 4, dtype=torch.bool).tril()  # a causal mask
        >>> torch.allclose(attention(x, before)[:, :2], attention(x[:, :2], before[:2, :2]), atol=1e-6)
        True
    """

    def __init__(self, dim: int, num_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        check_heads(dim, num_heads)
        self.num_heads = num_heads
        self.dropout = dropout
        self.in_projection = nn.Linear(dim, 3 * dim)
        self.out_projection = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_projection.weight)
        nn.init.zeros_(self.in_projection.bias)
        nn.init.zeros_(self.out_projection.bias)

    def forward(
        self, x: Float[Tensor, "B L C"], mask: Float[Tensor, "L L"] | Bool[Tensor, "L L"] | None = None
    ) -> Float[Tensor, "B L C"]:
        """Attend; ``mask`` is added to the scores, or is True where attention is allowed."""
        query, key, value = (split_heads(part, self.num_heads) for part in self.in_projection(x).chunk(3, dim=-1))
        if mask is not None and mask.is_floating_point():
            mask = mask.to(query.dtype)
        dropout = self.dropout if self.training else 0.0
        if dropout and is_shared():
            attended = _attend_with_dropout(query, key, value, mask, dropout)
        else:
            attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        return self.out_projection(join_heads(attended))


def _attend_with_dropout(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float) -> Tensor:
    """As torch does it, with dropout of the rows that this process has of a batch."""
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + mask if mask.is_floating_point() else scores.masked_fill(~mask, -torch.inf)
    return drop(scores.softmax(-1), dropout) @ value


class KeyValueCache:
    """Keys and values of the latest frames, in order.

    Frames are appended to a buffer twice as long as what must be kept; when it is full, the frames still needed move to
    its front. So a frame costs O(1) copies, and reading is always one contiguous view.
    """

    def __init__(self) -> None:
        self.frames = range(0)
        """The frames that are held; the first one that is appended is number 0."""
        self._buffer: Tensor | None = None  # [2, B, H, S, E]: keys, values
        self._first_slot = 0

    def append(self, keys: Float[Tensor, "B H L E"], values: Float[Tensor, "B H L E"], *, keep: int) -> None:
        """Add the next frames; the ``keep`` frames before them stay readable."""
        count = keys.shape[2]
        self._make_room(keys, count, keep)
        assert self._buffer is not None
        slot = self._first_slot + len(self.frames)
        self._buffer[0, :, :, slot : slot + count] = keys
        self._buffer[1, :, :, slot : slot + count] = values
        self.frames = range(self.frames.start, self.frames.stop + count)

    def read(self, frames: range) -> tuple[Float[Tensor, "B H S E"], Float[Tensor, "B H S E"]]:
        """Keys and values of ``frames``, which must be held."""
        assert self._buffer is not None, "nothing was appended yet"
        assert self.frames.start <= frames.start <= frames.stop <= self.frames.stop, "frames are no longer held"
        start = self._first_slot + frames.start - self.frames.start
        keys, values = self._buffer[:, :, :, start : start + len(frames)]
        return keys, values

    def state_dict(self) -> dict[str, Tensor]:
        """The held frames, as tensors, and their place in the buffer."""
        if self._buffer is None:
            return {}
        keys, values = self.read(self.frames)
        numbers = {"first": self.frames.start, "slot": self._first_slot, "capacity": self._buffer.shape[3]}
        return {"keys": keys.clone(), "values": values.clone()} | {
            name: torch.tensor(number) for name, number in numbers.items()
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Hold exactly the frames of ``state``.

        They keep their place in the buffer, because the rounding of matrix products depends on alignment.
        """
        self.frames, self._buffer, self._first_slot = range(0), None, 0
        if state:
            keys, first, self._first_slot = state["keys"], int(state["first"]), int(state["slot"])
            batch, heads, _, channels = keys.shape
            self._buffer = keys.new_zeros(2, batch, heads, int(state["capacity"]), channels)
            self.frames = range(first, first)
            self.append(keys, state["values"], keep=0)

    def _make_room(self, keys: Tensor, count: int, keep: int) -> None:
        if self._buffer is not None and self._first_slot + len(self.frames) + count <= self._buffer.shape[3]:
            return
        kept = range(max(self.frames.start, self.frames.stop - keep), self.frames.stop)
        old = None if self._buffer is None else torch.stack(self.read(kept))
        needed = len(kept) + count
        if self._buffer is None or needed > self._buffer.shape[3]:
            batch, heads, _, channels = keys.shape
            capacity = max(needed, 2 * keep)
            self._buffer = keys.new_empty(2, batch, heads, capacity, channels)
        if old is not None:
            self._buffer[:, :, :, : len(kept)] = old
        self.frames, self._first_slot = kept, 0
