"""What training starts from: the data, and a model of their shapes."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch

from transflower.core.errors import DataError, ModelError
from transflower.core.seeds import derive_seed
from transflower.data.training_data import TrainingData, open_training_data
from transflower.models import Model, load_model
from transflower.models.checkpoint import load_nested
from transflower.models.memory import TRAINING_COPIES, check_model_memory
from transflower.training.folder import RunFolder
from transflower.training.objectives import Objective
from transflower.training.options import Experiment, TrainingConfig
from transflower.training.state import Saved

log = logging.getLogger(__name__)


def open_data(experiment: Experiment) -> TrainingData:
    """The windows that the model needs.

    Raises:
        DataError: problems in the folder, all of them.
        OptionsError: windows that contradict each other, or a modality that does not exist.
    """
    config = experiment.model
    return open_training_data(
        experiment.data,
        inputs=config.spans,
        outputs=config.target_spans,
        categorical=[name for name, one in (config.inputs | config.outputs).items() if one.kind == "categorical"],
        positions=experiment.training.positions,
        seed=experiment.training.seed,
    )


def build_model(experiment: Experiment, data: TrainingData, kept: Path | None = None) -> Model:
    """The model with random weights that depend on the seed alone.

    Args:
        experiment: the options.
        data: whose shapes it has.
        kept: a model folder of the run that continues; its nested models are taken, whatever became of their originals.

    Raises:
        OptionsError: it does not fit into the memory.
        TransflowerError: a nested model cannot be read.
    """
    config = experiment.training
    nested = load_nested(_folders_of_nested(experiment, kept))
    check_model_memory(
        experiment.model,
        data.streams,
        nested,
        copies=TRAINING_COPIES,
        windows=min(config.batch_size, data.num_windows),
        positions=config.positions,
    )
    moments = {name: (found.mean, found.std) for name, found in data.statistics.items()}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(experiment.training.seed, "weights"))
        return Model(experiment.model, data.streams, moments, nested)


def build_objective(experiment: Experiment, model: Model) -> Objective:
    """What trains ``model``; random weights of its own depend on the seed alone.

    Raises:
        ModelError: the model cannot be trained so.
    """
    config = experiment.training
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(config.seed, "objective"))
        return config.objective.build(model, config.optimiser)


def initialise(model: Model, data: TrainingData, config: TrainingConfig) -> None:
    """Set data-dependent layers from windows of all over the training split: the same in every process."""
    whole_batch = config.batch_size * config.devices * config.nodes
    windows = np.linspace(0, len(data.train) - 1, min(whole_batch, len(data.train))).astype(np.int64)
    generator = torch.Generator().manual_seed(derive_seed(config.seed, "initialise"))
    model.initialise(data.train.batch(windows), generator=generator)


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


def describe_recordings(data: TrainingData) -> dict[str, Any]:
    """What a run remembers of its recordings: where they are, and a fingerprint of each part."""
    return {"folder": str(data.store.folder), "parts": data.fingerprint}


def check_recordings(saved: Saved, data: TrainingData, folder: RunFolder) -> None:
    """Refuse recordings that have changed in their place; those of another folder, named on purpose, may differ.

    Raises:
        DataError: naming what has changed.
    """
    before, now = saved.run.get("recordings"), describe_recordings(data)
    if not before:  # Older runs do not remember.
        return
    parts = {**before["parts"], **now["parts"]}
    changed = ", ".join(name for name in parts if before["parts"].get(name) != now["parts"].get(name))
    if not changed:
        return
    if before["folder"] != now["folder"]:
        log.warning("the recordings in %s are not those that the run was trained on: %s", now["folder"], changed)
        return
    raise DataError(
        f"the recordings in {now['folder']} have changed since {folder.path} was trained on them ({changed}); bring "
        f"them back, or train on with these in another folder, by --training.start_from {folder.path}"
    )


def _folders_of_nested(experiment: Experiment, kept: Path | None) -> dict[str, Path]:
    if kept is not None and all((kept / name).is_dir() for name in experiment.model.nested):
        return {name: kept / name for name in experiment.model.nested}
    return dict(experiment.model.nested)
