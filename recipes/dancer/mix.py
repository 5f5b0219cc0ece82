"""The mean of a model and of one that was trained on from it: ``python -m recipes.dancer.mix``.

What was learnt first is kept, and what was learnt then is known too (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models", section 3).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from recipes.command import run_command
from transflower.core.errors import ModelError
from transflower.core.options.ranges import Share
from transflower.models.checkpoint import load_model, save_model


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Average the weights of two models."""

    model: Path
    """Folder of a model or run."""
    trained_on: Path
    """Folder of a model or run that was trained on from it."""
    share: Share = 0.7
    """How much of the second."""
    out: Path
    """Folder of the mean."""


@torch.no_grad()
def run(options: Mix) -> str:
    """Average, and say where the model is.

    Raises:
        ModelError: the weights of the two have other names or shapes.
    """
    first, second = load_model(options.model), load_model(options.trained_on)
    before, after = first.model.state_dict(), second.model.state_dict()
    shapes = [{name: value.shape for name, value in state.items()} for state in (before, after)]
    if shapes[0] != shapes[1]:
        raise ModelError(f"{options.trained_on} was not trained on from {options.model}: their weights differ in shape")
    for name, value in after.items():
        if value.dtype.is_floating_point:
            value.lerp_(before[name].to(value.dtype), 1 - options.share)
    save_model(options.out, second.model, sidecars=second.sidecars)
    return f"{options.out}: {options.share:.0%} of {options.trained_on}"


if __name__ == "__main__":
    sys.exit(run_command(Mix, run, prog="python -m recipes.dancer.mix"))
