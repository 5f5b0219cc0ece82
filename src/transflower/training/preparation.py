"""What training starts from: the data, and a model of their shapes that has seen a batch of them."""

import numpy as np
import torch

from transflower.core.seeds import derive_seed
from transflower.data.training_data import TrainingData, open_training_data
from transflower.data.windows import ModalityWindow
from transflower.models import Model
from transflower.models.memory import TRAINING_COPIES, check_model_memory
from transflower.training.options import Experiment, TrainingConfig


def open_data(experiment: Experiment) -> TrainingData:
    """The windows that the model needs.

    Raises:
        DataError: problems in the folder, all of them.
        OptionsError: windows that contradict each other, or a modality that does not exist.
    """
    config = experiment.model
    return open_training_data(
        experiment.data,
        inputs={
            name: ModalityWindow(span=config.spans[name], mode=window.mode, kind=window.kind)
            for name, window in config.inputs.items()
        },
        outputs={
            name: ModalityWindow(span=config.target_spans[name], kind=window.kind)
            for name, window in config.outputs.items()
        },
        positions=experiment.training.positions,
        seed=experiment.training.seed,
    )


def build_model(experiment: Experiment, data: TrainingData) -> Model:
    """The model with random weights that depend on the seed alone.

    Raises:
        OptionsError: it does not fit into the memory.
    """
    config = experiment.training
    check_model_memory(
        experiment.model, data.streams, copies=TRAINING_COPIES, windows=config.batch_size, positions=config.positions
    )
    moments = {name: (found.mean, found.std) for name, found in data.statistics.items()}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(experiment.training.seed, "weights"))
        return Model(experiment.model, data.streams, moments)


def initialise(model: Model, data: TrainingData, config: TrainingConfig) -> None:
    """Set data-dependent layers from windows of all over the training split: the same in every process."""
    windows = np.linspace(0, len(data.train) - 1, min(config.batch_size, len(data.train))).astype(np.int64)
    generator = torch.Generator().manual_seed(derive_seed(config.seed, "initialise"))
    model.initialise(data.train.batch(windows), generator=generator)
