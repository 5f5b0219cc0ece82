"""Small networks whose parameters are not what they start with."""

import torch
from torch import nn


def disturbed(module: nn.Module, *, seed: int = 0, scale: float = 0.3) -> nn.Module:
    """The module, in evaluation mode, with noise on every parameter: nothing is zero or the identity any more."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(scale * torch.randn(parameter.shape, generator=generator).to(parameter))
    return module.eval()


def randn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Standard normals."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)
