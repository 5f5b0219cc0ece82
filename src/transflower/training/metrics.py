"""Metrics of training and validation: running means, and held-out loss and likelihood.

Shape letters: B batch, P positions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import torch
from torch import Tensor

from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.nn.autocast import full_precision


class RunningMeans:
    """Adds up metrics until they are taken; they are read off the device only then."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: Counter[str] = Counter()

    def add(self, metrics: Mapping[str, Tensor]) -> None:
        """Add some metrics."""
        for name, value in metrics.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._counts.update(metrics.keys())

    def means(self) -> dict[str, float]:
        """Means since the last time they were taken."""
        return {name: float(value) / self._counts[name] for name, value in self._sums.items()}

    def take(self) -> dict[str, float]:
        """The means; start anew."""
        means = self.means()
        self._sums, self._counts = {}, Counter()
        return means


@torch.no_grad()
def sum_metrics(
    model: Model,
    batches: Iterable[Batch],
    *,
    limit: int | None,
    seed: int,
    is_stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Tensor]:
    """Loss and metrics of ``model``, summed over windows; ``windows`` is their number.

    Args:
        model: in any mode; it is evaluated as for use, in single precision.
        batches: the windows.
        limit: most batches to take.
        seed: of the noise on targets.
        is_stopped: asked before each batch, whether to leave it at that.
    """
    parameter = next(model.parameters())
    generator = torch.Generator(parameter.device).manual_seed(seed)
    sums: dict[str, Tensor] = {}
    was_training = model.training
    model.eval()
    with full_precision(parameter):
        for batch in islice(batches, limit):
            if is_stopped():
                break
            batch = to_device(batch, parameter.device)
            loss, metrics = model.loss(batch, generator=generator)
            _add(sums, {"loss": loss, **metrics}, num_windows=len(next(iter(batch["targets"].values()))))
    model.train(was_training)
    return sums


def means(sums: Mapping[str, Tensor]) -> dict[str, float]:
    """Metrics of a window, from their sums."""
    return {name: float(value / sums["windows"]) for name, value in sums.items() if name != "windows"}


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch where the model is."""
    return {
        side: {name: tensor.to(device, non_blocking=True) for name, tensor in group.items()}
        for side, group in batch.items()
    }


def _add(sums: dict[str, Tensor], metrics: Mapping[str, Tensor], *, num_windows: int) -> None:
    for name, value in {**metrics, "windows": torch.ones_like(metrics["loss"])}.items():
        # Not float64: some accelerators have none.
        weighted = value.detach().float() * num_windows
        sums[name] = sums[name] + weighted if name in sums else weighted
