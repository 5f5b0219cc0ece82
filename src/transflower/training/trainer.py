"""Lightning's trainer, put together for one run."""

import sys
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from transflower.core.errors import FormatError, OptionsError
from transflower.core.files import atomic_path
from transflower.core.seeds import derive_seed
from transflower.data.loader import WindowLoader
from transflower.data.training_data import TrainingData
from transflower.models import Model
from transflower.training.callback import Saver, TrainingCallback
from transflower.training.folder import RunFolder, RunModels
from transflower.training.logs import Board, History, Progress
from transflower.training.memory import check_step_memory
from transflower.training.module import TrainingModule
from transflower.training.objectives import Objective
from transflower.training.options import Experiment, TrainingConfig
from transflower.training.preparation import describe_recordings, initialise, take_over
from transflower.training.process import StopNow, StopRequest, quiet_lightning
from transflower.training.rollouts import Rollouts
from transflower.training.state import upgraded
from transflower.training.validation import Validation

_NOT_OUR_STATE = (KeyError, TypeError, AttributeError, IndexError, ValueError, RuntimeError)
"""What Lightning raises where a resume file lacks something, or holds something else."""


def fit(
    experiment: Experiment, models: RunModels, data: TrainingData, objective: Objective, begun: int | None
) -> tuple[dict[str, Any], bool]:
    """Train until the end, or until it is stopped; on from step ``begun`` of the run, or from the beginning.

    Returns:
        What the run remembers, and whether it reached its end.

    Raises:
        KeyboardInterrupt: it was asked twice to stop; nothing was saved since the last save.
        ModelError: the model cannot learn.
        FormatError: the resume file is not that of the run.
        OptionsError: options that cannot work here.
    """
    config, folder, model = experiment.training, models.folder, objective.model
    # Each step seeds torch; what the caller draws afterwards shall not depend on it.
    with quiet_lightning(), StopRequest() as stop, torch.random.fork_rng(devices=[]):
        module = TrainingModule(objective, config)
        trainer = _trainer(config, folder, _strategy(config, objective))
        if begun is None:
            if trainer.strategy.root_device.type == "cpu":  # Other devices say themselves that they are full.
                check_step_memory(objective, data, config)
            initialise(model, data, config)
            if config.start_from is not None:
                take_over(model, config.start_from)
        validation = _validation(trainer, experiment, data, model)
        progress = Progress(config)
        callback = TrainingCallback(
            config,
            module=module,
            validation=validation,
            # Points after the step that is continued from would be there twice.
            history=History(folder.metrics, Board(folder.logs, purge_step=None if begun is None else begun + 1)),
            saver=Saver(models),
            recordings=describe_recordings(data),
            progress=progress,
            stop=stop,
        )
        trainer.callbacks.append(callback)  # type: ignore[attr-defined]  # It is not declared.
        if trainer.is_global_zero:
            folder.begin(experiment)
        loader = _loader(trainer, experiment, data, training=True)
        try:
            with progress.shown():
                trainer.fit(module, loader, ckpt_path=None if begun is None else folder.resume, weights_only=True)
        except StopNow:
            raise KeyboardInterrupt from None
        except _NOT_OUR_STATE as error:
            if begun is None or callback.is_under_way:
                raise
            raise FormatError(folder.resume, f"is not the state of this run; {folder.advice}") from error
    return callback.state_dict(), callback.is_finished


def _strategy(config: TrainingConfig, objective: Objective) -> str:
    """That of the options; by default one that expects parameters without gradients, where updates leave some."""
    is_distributed = config.devices * config.nodes > 1
    if config.strategy == "auto" and is_distributed and len(objective.updates()) > 1:
        return "ddp_find_unused_parameters_true"
    return config.strategy


def _trainer(config: TrainingConfig, folder: RunFolder, strategy: str) -> Trainer:
    try:
        return Trainer(
            accelerator=config.accelerator,
            devices=config.devices,
            num_nodes=config.nodes,
            strategy=strategy,
            # The callback ends the run. Without a limit, Lightning counts epochs and resumes by other rules.
            max_steps=sys.maxsize,
            max_epochs=-1,
            logger=False,
            plugins=[AtomicIO()],
            default_root_dir=folder.path,
            use_distributed_sampler=False,
            limit_val_batches=0,
            num_sanity_val_steps=0,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (MisconfigurationException, ValueError, RuntimeError) as error:
        message = str(error).splitlines()[0]
        raise OptionsError(f"this machine cannot train with these devices: {message}") from error


def _loader(trainer: Trainer, experiment: Experiment, data: TrainingData, *, training: bool) -> WindowLoader:
    config = experiment.training
    return WindowLoader(
        data.train if training else data.val,
        batch_size=config.batch_size,
        stride=data.stride,
        training=training,
        seed=config.seed,
        num_workers=experiment.data.num_workers if training else 0,
        rank=trainer.global_rank,
        world_size=trainer.world_size,
        pin_memory=trainer.strategy.root_device.type == "cuda",
    )


def _validation(trainer: Trainer, experiment: Experiment, data: TrainingData, model: Model) -> Validation:
    config = experiment.training
    rollouts = None
    if config.rollouts.sequences and trainer.is_global_zero:
        seed = derive_seed(config.seed, "rollouts")
        rollouts = Rollouts(data, experiment.data.val_split, model, config.rollouts, seed=seed)
    batches = _loader(trainer, experiment, data, training=False)
    return Validation(config, batches, rollouts, has_density=model.has_density)


class AtomicIO(TorchCheckpointIO):
    """Writes Lightning's resume file so that it is whole or not there, and reads those of earlier versions."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write it."""
        with atomic_path(Path(path)) as temporary:
            torch.save(checkpoint, temporary)

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Read it, whichever version wrote it."""
        return upgraded(super().load_checkpoint(path, map_location, weights_only))
