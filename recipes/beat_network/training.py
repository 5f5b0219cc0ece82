"""Training of the network; it goes on where it was interrupted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from recipes.beat_network.batches import Batch, Batches
from recipes.beat_network.network import TrainedNetwork
from transflower.core.files import atomic_path

_SAVE_EVERY = 200


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How long and how fast."""

    steps: int = 3000
    batch_size: int = 8
    learning_rate: float = 3e-3
    beat_weight: float = 3.0
    """How much more a frame with a beat counts than one without."""
    downbeat_weight: float = 6.0


def train(
    network: TrainedNetwork, batches: Batches, options: TrainingOptions, folder: Path, report: Callable[[str], None]
) -> None:
    """Train, or go on from what is in ``folder``."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.learning_rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=options.learning_rate, total_steps=options.steps, pct_start=0.15
    )
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    path = folder / "training.pt"
    first = _restore(parts, path)
    network.train()
    mean, began = 0.0, time.monotonic()
    for step in range(first, options.steps):
        loss = _loss(network, batches.draw(options.batch_size), options)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        mean += float(loss.detach())
        if (step + 1) % _SAVE_EVERY == 0 or step + 1 == options.steps:
            _save(parts, step + 1, path)
            report(f"step {step + 1}: loss {mean / _SAVE_EVERY:.4f}, {time.monotonic() - began:.0f} s")
            mean = 0.0
    network.eval()


def _loss(network: TrainedNetwork, batch: Batch, options: TrainingOptions) -> torch.Tensor:
    weights = torch.tensor([options.beat_weight, options.downbeat_weight])
    losses = functional.binary_cross_entropy_with_logits(
        network(batch.inputs), batch.targets, pos_weight=weights, reduction="none"
    )
    return (losses * batch.counts).sum() / batch.counts.sum()


def _save(parts: dict, step: int, path: Path) -> None:
    with atomic_path(path) as temporary:
        torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step}, temporary)


def _restore(parts: dict, path: Path) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["step"])
