"""Training of the network; it goes on where it was interrupted. What is kept is the mean over the last steps."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from recipes.beat_network.batches import Batch, Batches
from recipes.beat_network.network import TrainedNetwork
from transflower.core.files import atomic_path

_SAVE_EVERY = 200
_WARM_UP = 100
_FALLING = 0.6
"""Share of the steps in which the learning rate falls to nothing, at the end."""
_KEPT = 0.995
"""Of the mean of the weights, from step to step."""
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How long and how fast."""

    steps: int = 6000
    batch_size: int = 8
    learning_rate: float = 3e-3
    beat_weight: float = 3.0
    """How much more a frame with a beat counts than one without."""
    downbeat_weight: float = 6.0


def train(
    network: TrainedNetwork, batches: Batches, options: TrainingOptions, folder: Path, report: Callable[[str], None]
) -> TrainedNetwork:
    """The mean of the weights after training, or after going on from what is in ``folder``."""
    mean = deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.learning_rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, options.steps))
    parts = {"network": network, "mean": mean, "optimizer": optimizer, "schedule": schedule}
    path = folder / "training.pt"
    first = _restore(parts, path)
    network.train()
    losses: list[float] = []
    began = time.monotonic()
    for step in range(first, options.steps):
        losses.append(_step(network, optimizer, batches.draw(options.batch_size), options))
        schedule.step()
        _average(mean, network, min(_KEPT, (step + 1) / (step + 10)))
        if (step + 1) % _SAVE_EVERY == 0 or step + 1 == options.steps:
            _save(parts, step + 1, path)
            report(f"step {step + 1}: loss {sum(losses) / len(losses):.4f}, {time.monotonic() - began:.0f} s")
            losses.clear()
    return mean


def _rate(step: int, steps: int) -> float:
    """Share of the learning rate."""
    return min((step + 1) / _WARM_UP, 1.0, (steps - step) / (_FALLING * steps))


def _step(network: TrainedNetwork, optimizer: torch.optim.Optimizer, batch: Batch, options: TrainingOptions) -> float:
    weights = torch.tensor([options.beat_weight, options.downbeat_weight])
    losses = functional.binary_cross_entropy_with_logits(
        network(batch.inputs), batch.targets, pos_weight=weights, reduction="none"
    )
    loss = (losses * batch.counts).sum() / batch.counts.sum()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
    optimizer.step()
    return float(loss.detach())


@torch.no_grad()
def _average(mean: TrainedNetwork, network: TrainedNetwork, kept: float) -> None:
    for average, value in zip(mean.parameters(), network.parameters(), strict=True):
        average.lerp_(value, 1 - kept)


def _save(parts: dict[str, Any], step: int, path: Path) -> None:
    with atomic_path(path) as temporary:
        torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step}, temporary)


def _restore(parts: dict[str, Any], path: Path) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["step"])
