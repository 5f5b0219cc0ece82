"""Whether this machine has the devices of a training, told before recordings are read."""

import os

import torch

from transflower.core.errors import OptionsError
from transflower.training.plain_options import TrainingOptions


def check_devices(config: TrainingOptions) -> None:
    """Refuse devices that are not there. On a CPU, they are processes, of which Lightning would start any number.

    Raises:
        OptionsError: saying what there is.
    """
    wanted = config.accelerator
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    kind = "cpu" if found is None else found.type
    if wanted not in {"auto", "cpu", kind}:
        raise OptionsError(
            f"training.accelerator is {wanted}, but this machine has only {'a CPU' if kind == 'cpu' else kind} to "
            f"compute on; give --training.accelerator auto"
        )
    on_cpu = wanted == "cpu" or kind == "cpu"
    if on_cpu and config.devices > (cores := os.cpu_count() or 1):
        raise OptionsError(f"training.devices is {config.devices}, but there are only {cores} cores to compute on")
