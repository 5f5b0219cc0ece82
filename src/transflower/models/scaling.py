"""Between features as they are on disk and the numbers that networks see.

Shape letters: D columns, V columns that vary.
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.moments import CONSTANT_STD, Moments
from transflower.core.spans import UNKNOWN_CLASS


class Standardiser(nn.Module):
    """Subtracts the mean and divides by the standard deviation; constant columns become 0.

    Example:
        >>> standardiser = Standardiser((np.array([1.0, 10.0]), np.array([2.0, 5.0])))
        >>> standardiser(torch.tensor([[3.0, 0.0]])).tolist()
        [[1.0, -2.0]]
    """

    mean: Tensor
    std: Tensor

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        mean, std = moments
        self.register_buffer("mean", _float(mean))
        self.register_buffer("std", _float(np.where(std < CONSTANT_STD, 1.0, std)))

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... D"]:
        """Standardised features."""
        return (x - self.mean) / self.std


class TargetScaling(nn.Module):
    """Leaves out constant columns and standardises the others; the inverse restores them.

    Example:
        >>> scaling = TargetScaling("motion", (np.array([1.0, 5.0]), np.array([2.0, 0.0])), is_scaled=False)
        >>> z = scaling(torch.tensor([[3.0, 5.0]]))  # the second column does not vary
        >>> z.tolist(), scaling.restore(z).tolist()
        ([[1.0]], [[3.0, 5.0]])
    """

    varying: Tensor
    rest: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, name: str, moments: Moments, *, is_scaled: bool) -> None:
        """``is_scaled``: the features are taken as they are, but for the constant columns."""
        super().__init__()
        self.is_scaled = is_scaled
        mean, std = moments
        varying = np.flatnonzero(std >= CONSTANT_STD)
        if not len(varying):
            raise ModelError(f"no column of output {name!r} varies in the training split: there is nothing to learn")
        mean_of_varying, std_of_varying = mean[varying], std[varying]
        if is_scaled:
            mean_of_varying, std_of_varying = np.zeros(len(varying)), np.ones(len(varying))
        self.register_buffer("varying", torch.from_numpy(varying))
        self.register_buffer("rest", _float(mean))
        self.register_buffer("mean", _float(mean_of_varying))
        self.register_buffer("std", _float(std_of_varying))

    @property
    def dim(self) -> int:
        """V, the columns that are modelled."""
        return len(self.varying)

    def select(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... V"]:
        """The varying columns of features that are standardised already."""
        return x[..., self.varying]

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... V"]:
        """Varying columns, standardised."""
        return (x[..., self.varying] - self.mean) / self.std

    def embed(self, z: Float[Tensor, "... V"]) -> Float[Tensor, "... D"]:
        """What the encoder sees of modelled frames: the inverse of ``select``, with constant columns at rest."""
        if self.dim == len(self.rest):
            return z
        constant = self.rest if self.is_scaled else torch.zeros_like(self.rest)
        x = constant.expand(*z.shape[:-1], -1).clone()
        x[..., self.varying] = z
        return x

    def restore(self, z: Float[Tensor, "... V"]) -> Float[Tensor, "... D"]:
        """Features as they are on disk."""
        x = self.rest.expand(*z.shape[:-1], -1).clone()
        x[..., self.varying] = z * self.std + self.mean
        return x


class ClassIndices(nn.Module):
    """Class indices are modelled as they are; where none is known yet, they are ``UNKNOWN_CLASS``."""

    rest: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("rest", torch.full((dim,), UNKNOWN_CLASS), persistent=False)

    def select(self, x: Int[Tensor, "... D"]) -> Int[Tensor, "... D"]:
        """All columns."""
        return x

    def forward(self, x: Int[Tensor, "... D"]) -> Int[Tensor, "... D"]:
        """The same."""
        return x

    def embed(self, z: Int[Tensor, "... D"]) -> Int[Tensor, "... D"]:
        """The same."""
        return z

    def restore(self, z: Int[Tensor, "... D"]) -> Int[Tensor, "... D"]:
        """The same."""
        return z


def _float(values: Float[np.ndarray, " D"]) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.get_default_dtype())  # a copy: nothing is shared
