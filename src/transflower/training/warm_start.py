"""Beginning with what another model has learnt."""

import logging
from pathlib import Path

import torch

from transflower.core.errors import ModelError
from transflower.models import Model, load_model

log = logging.getLogger(__name__)


@torch.no_grad()
def take_over(model: Model, path: Path) -> None:
    """Copy every weight and statistic of the model in ``path`` that has the same name and shape; the others stay.

    Raises:
        TransflowerError: there is no model, or nothing of it fits.
    """
    own, found = model.state_dict(), load_model(path).model.state_dict()
    fitting = {name for name, weight in found.items() if name in own and own[name].shape == weight.shape}
    if fitting.isdisjoint(name for name, _ in model.named_parameters()):
        raise ModelError(f"{path} has no weight of the same name and shape as this model; train it from the beginning")
    for name in fitting:
        own[name].copy_(found[name])
    log.info("begins with the weights of %s: %d tensors of %d", path, len(fitting), len(own))
