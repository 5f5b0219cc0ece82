"""Where mixed precision must not be used."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def full_precision(x: Tensor) -> AbstractContextManager[None]:
    """A context without autocast on the device of ``x``: else the inverse of a flow would not undo it."""
    # Drawing a frame passes here a dozen times, and entering a context takes longer than asking.
    is_mixed = torch.is_autocast_enabled(x.device.type)
    return torch.autocast(x.device.type, enabled=False) if is_mixed else nullcontext()
