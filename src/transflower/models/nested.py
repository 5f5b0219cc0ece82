"""A whole model as a part of another one, such as a tokeniser."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from torch import Tensor, nn

from transflower.models.sequence_model import SequenceModel


class NestedModel(nn.Module):
    """A model that another model uses: it does not learn, moves along, and is kept in a folder of its own.

    Its weights are none of the other model's: neither optimisers nor its state dict see them.
    """

    def __init__(self, model: SequenceModel, sidecars: Mapping[str, Mapping[str, Any] | None]) -> None:
        """``sidecars`` describe its modalities."""
        super().__init__()
        # A module in a tuple is not registered.
        self._held = (model.eval().requires_grad_(False),)
        self.sidecars = deepcopy(dict(sidecars))

    @property
    def model(self) -> SequenceModel:
        """The model, in evaluation mode."""
        return self._held[0]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "NestedModel":
        self.model._apply(fn, recurse)
        return super()._apply(fn, recurse)
