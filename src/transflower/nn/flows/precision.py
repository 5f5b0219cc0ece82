"""Where mixed precision must not reach: a flow's own arithmetic, else its inverse is none."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def full_precision(x: Tensor) -> AbstractContextManager[None]:
    """A context without autocast on the device of ``x``."""
    # A sampler passes here a dozen times a frame, and entering a context takes longer than asking.
    is_mixed = torch.is_autocast_enabled(x.device.type)
    return torch.autocast(x.device.type, enabled=False) if is_mixed else nullcontext()
