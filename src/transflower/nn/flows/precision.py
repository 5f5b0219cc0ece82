"""Where mixed precision must not reach: a flow's own arithmetic, else its inverse is none."""

from contextlib import AbstractContextManager

import torch
from torch import Tensor


def full_precision(x: Tensor) -> AbstractContextManager[None]:
    """A context without autocast on the device of ``x``."""
    return torch.autocast(x.device.type, enabled=False)
