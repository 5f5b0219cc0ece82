"""How likely held-out sequences are: the same windows and the same noise at every validation.

Shape letters: B batch, P positions.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import torch
from torch import Tensor

from transflower.data.dataset import Batch
from transflower.models import Model
from transflower.nn.autocast import full_precision


@torch.no_grad()
def sum_figures(
    model: Model,
    batches: Iterable[Batch],
    *,
    limit: int | None,
    seed: int,
    is_stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Tensor]:
    """Loss and figures of ``model``, summed over windows; ``windows`` is their number.

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
            loss, figures = model.loss(batch, generator=generator)
            _add(sums, {"loss": loss, **figures}, num_windows=len(next(iter(batch["targets"].values()))))
    model.train(was_training)
    return sums


def means(sums: Mapping[str, Tensor]) -> dict[str, float]:
    """Figures of a window, from their sums."""
    return {name: float(value / sums["windows"]) for name, value in sums.items() if name != "windows"}


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch where the model is."""
    return {
        side: {name: tensor.to(device, non_blocking=True) for name, tensor in group.items()}
        for side, group in batch.items()
    }


def _add(sums: dict[str, Tensor], figures: Mapping[str, Tensor], *, num_windows: int) -> None:
    for name, value in {**figures, "windows": torch.ones_like(figures["loss"])}.items():
        # Not float64: some accelerators have none.
        weighted = value.detach().float() * num_windows
        sums[name] = sums[name] + weighted if name in sums else weighted
