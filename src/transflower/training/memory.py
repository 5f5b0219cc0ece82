"""How much memory a step needs, before any of it is taken: found by one of a single window."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from transflower.core.memory import check_memory
from transflower.data.dataset import Batch
from transflower.data.training_data import TrainingData
from transflower.training.objectives import Objective
from transflower.training.options import TrainingConfig


def check_step_memory(objective: Objective, data: TrainingData, config: TrainingConfig) -> None:
    """Refuse batches for whose gradients this machine has not enough memory; weights are counted elsewhere.

    Raises:
        OptionsError: it has not.
    """
    windows = min(config.batch_size, data.num_windows)
    if windows < 2:
        return
    needed = window_bytes(objective, data) * min(config.batch_size * config.devices, data.num_windows)
    check_memory(
        needed // 2 if config.precision == "bf16" else needed,
        what=f"a step with {windows} windows in a batch",
        advice="give a smaller batch_size, several to a step by accumulate, or fewer positions",
    )


def window_bytes(objective: Objective, data: TrainingData) -> int:
    """Bytes that the largest update of a step keeps for its gradient, for each window; the objective stays as it is."""
    trial = deepcopy(objective)
    one, two = (data.train.batch(np.arange(count)) for count in (1, 2))
    with torch.random.fork_rng(devices=[]):
        trial.model.initialise(two, generator=torch.Generator().manual_seed(0))
        return max(_kept_bytes(update.loss, one, trial) for update in trial.updates())


def _kept_bytes(loss: Callable[[Batch], Any], batch: Batch, objective: Objective) -> int:
    """Bytes that the gradient of a loss needs besides the weights, which batches of any size share."""
    weights = {weight.untyped_storage().data_ptr() for weight in objective.parameters()}
    sizes: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        # What is kept lives as long as the loss, so that no other tensor takes its address.
        found = loss(batch)
    del found
    return sum(size for address, size in sizes.items() if address not in weights)
