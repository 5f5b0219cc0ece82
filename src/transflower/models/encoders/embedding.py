"""Rows of any kind as real channels.

Shape letters: B batch, R rows, D columns, E channels.
"""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.spans import UNKNOWN_CLASS, StreamSpec


class RowEmbedding(nn.Module):
    """Real values pass as they are; class indices become the sum of one learned vector for each column.

    An index that is not known (``UNKNOWN_CLASS``) has a vector of its own.

    Example:
        >>> classes = StreamSpec(dim=1, kind="categorical", num_classes=3)
        >>> RowEmbedding("style", classes, 8)(torch.tensor([[[0], [2], [UNKNOWN_CLASS]]])).shape
        torch.Size([1, 3, 8])
        >>> RowEmbedding("audio", StreamSpec(dim=2), 8)(torch.ones(1, 1, 2)).tolist()
        [[[1.0, 1.0]]]
    """

    offsets: Tensor

    def __init__(self, name: str, stream: StreamSpec, dim: int) -> None:
        """``dim`` is the size of the learned vectors, ``self.dim`` that of what comes out."""
        super().__init__()
        self.name = name
        self.num_classes = stream.num_classes
        self.table: nn.Embedding | None = None
        self.dim = stream.dim
        if stream.kind == "categorical":
            if stream.num_classes < 1:
                raise ModelError(f"input {name!r} is categorical, but its number of classes is not known")
            self.dim = dim
            size = stream.num_classes - UNKNOWN_CLASS
            self.table = nn.Embedding(stream.dim * size, dim)
            self.register_buffer("offsets", size * torch.arange(stream.dim) - UNKNOWN_CLASS, persistent=False)

    def forward(self, rows: Shaped[Tensor, "B R D"]) -> Float[Tensor, "B R E"]:
        """Channels of every row.

        Raises:
            ModelError: an index that is no class.
        """
        if self.table is None:
            return rows
        # An accelerator would answer an index beyond the table by killing the process.
        lowest, highest = (int(bound) for bound in rows.aminmax())
        if lowest < UNKNOWN_CLASS or highest >= self.num_classes:
            worst = lowest if lowest < UNKNOWN_CLASS else highest
            raise ModelError(
                f"input {self.name!r} has a class index of {worst}; the model knows classes 0 to {self.num_classes - 1}"
            )
        return self.table(rows.long() + self.offsets).sum(-2)
