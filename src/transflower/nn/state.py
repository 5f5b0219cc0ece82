"""What a recurrent module remembers between two calls."""

from typing import TypeAlias

from torch import Tensor

State: TypeAlias = dict[str, Tensor] | None
"""Named tensors, batch first; None for modules without memory."""
