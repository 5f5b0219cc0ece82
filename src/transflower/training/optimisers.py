"""Optimisers, chosen by ``type``."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Positive, Share
from transflower.core.registry import Registry

if TYPE_CHECKING:
    from torch.nn import Parameter
    from torch.optim import Optimizer

# Torch is loaded where an optimiser is built: what is told of wrong options must not wait for it.


@dataclass(frozen=True, kw_only=True)
class OptimiserConfig(ABC):
    """How weights are changed by their gradients."""

    registry: ClassVar[Registry["OptimiserConfig"]] = Registry("optimiser")

    lr: float = 3e-4
    """Learning rate, before the schedule."""
    weight_decay: float = 0.0
    """Decay of matrices towards zero; vectors (biases, scales) are left alone."""

    def __post_init__(self) -> None:
        if not self.lr > 0 or not self.weight_decay >= 0:
            raise OptionsError(f"lr must be above 0 and weight_decay not below, got {self.lr} and {self.weight_decay}")

    @abstractmethod
    def build(self, parameters: Iterable["Parameter"]) -> "Optimizer":
        """The optimiser of ``parameters``."""

    def _groups(self, parameters: Iterable["Parameter"]) -> list[dict[str, Any]]:
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        matrices = [parameter for parameter in trained if parameter.ndim > 1]
        vectors = [parameter for parameter in trained if parameter.ndim <= 1]
        groups = [(matrices, self.weight_decay), (vectors, 0.0)]
        return [{"params": group, "weight_decay": decay} for group, decay in groups if group]


# Each is `fused`: a loop over hundreds of small tensors would cost several times as much on a CPU.


@OptimiserConfig.registry.register("adam")
@dataclass(frozen=True, kw_only=True)
class AdamConfig(OptimiserConfig):
    """Adam (Kingma and Ba 2014)."""

    betas: tuple[float, float] = (0.9, 0.999)
    """Decays of the averages of gradients and of their squares."""
    eps: Positive = 1e-8
    """Added to the root of the mean square, so that small gradients do not become large steps."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_betas(self.betas)

    def build(self, parameters: Iterable["Parameter"]) -> "Optimizer":
        """The optimiser of ``parameters``."""
        from torch.optim import Adam

        return Adam(self._groups(parameters), lr=self.lr, betas=self.betas, eps=self.eps, fused=True)


@OptimiserConfig.registry.register("adamw")
@dataclass(frozen=True, kw_only=True)
class AdamWConfig(OptimiserConfig):
    """Adam with decay that is independent of the gradients (Loshchilov and Hutter 2017)."""

    weight_decay: float = 0.01
    """Decay of matrices towards zero; vectors (biases, scales) are left alone."""
    betas: tuple[float, float] = (0.9, 0.95)
    """Decays of the averages of gradients and of their squares."""
    eps: Positive = 1e-8
    """Added to the root of the mean square, so that small gradients do not become large steps."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_betas(self.betas)

    def build(self, parameters: Iterable["Parameter"]) -> "Optimizer":
        """The optimiser of ``parameters``."""
        from torch.optim import AdamW

        return AdamW(self._groups(parameters), lr=self.lr, betas=self.betas, eps=self.eps, fused=True)


@OptimiserConfig.registry.register("sgd")
@dataclass(frozen=True, kw_only=True)
class SgdConfig(OptimiserConfig):
    """Stochastic gradient descent with momentum."""

    momentum: Share = 0.9
    """Share of the last change that is repeated."""

    def build(self, parameters: Iterable["Parameter"]) -> "Optimizer":
        """The optimiser of ``parameters``."""
        from torch.optim import SGD

        return SGD(self._groups(parameters), lr=self.lr, momentum=self.momentum, fused=True)


def _check_betas(betas: tuple[float, float]) -> None:
    if not all(0 <= beta < 1 for beta in betas):
        raise OptionsError(f"betas must be at least 0 and below 1, got {betas[0]} and {betas[1]}")
