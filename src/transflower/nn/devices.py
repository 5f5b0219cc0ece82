"""Devices that compute: which this machine has is told before anything is loaded for them."""

import torch

from transflower.core.errors import OptionsError


def usable_device(name: str) -> torch.device:
    """The device of a name; ``auto`` is a GPU where there is one.

    Raises:
        OptionsError: this machine cannot use it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        # Not every device that torch knows holds numbers.
        torch.ones(1, device=name).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise OptionsError(f"--device {name} cannot be used here: {reason}") from error
    return torch.device(name)
