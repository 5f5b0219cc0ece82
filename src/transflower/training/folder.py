"""The folder of a run: what lies in it, who may write there, and which models it keeps."""

import logging
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from transflower.core.errors import FormatError, ModelError, OptionsError, TransflowerError
from transflower.core.files import atomic_folder, check_folder, remove_leftovers
from transflower.core.options import decode, encode, load_yaml, translate, write_yaml
from transflower.core.options.differences import differences
from transflower.data.training_data import TrainingData
from transflower.models import Model, save_model
from transflower.models.digest import digest_of, read_digest
from transflower.training.objectives import Objective
from transflower.training.options import Experiment
from transflower.training.process import is_main_process
from transflower.training.run_path import CONFIG, check_run_path
from transflower.training.state import Saved, check_ema, check_optimisers, read_state

log = logging.getLogger(__name__)

_MAY_CHANGE = {
    *("data.folder", "data.num_workers", "data.max_length_gap", "training.max_steps", "training.max_minutes"),
    *("training.accelerator", "training.devices", "training.nodes", "training.strategy"),
    *("training.validate_every", "training.validate_batches", "training.save_every", "training.keep"),
    "training.log_every",
}
_MAY_CHANGE_BELOW = ("training.rollouts.",)


class RunFolder:
    """Paths of the files and folders of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.best, self.last, self.steps = path / "best", path / "last", path / "steps"
        self.config, self.resume = path / CONFIG, path / "resume.ckpt"
        self.metrics, self.logs = path / "metrics.jsonl", path / "logs"

    @property
    def advice(self) -> str:
        """What can be done with a run that cannot go on."""
        if self.last.exists() or self.best.exists():
            return (
                f"train on from its weights in another folder, by --training.start_from {self.path}, or remove "
                f"{self.path} to train anew"
            )
        return f"remove {self.path} to train anew"

    def saved(self, experiment: Experiment) -> Saved | None:
        """What ``experiment`` continues from; None where it is to begin.

        Raises:
            OptionsError: the folder holds something else, or a run of another experiment.
            FormatError: its files cannot be read.
        """
        check_run_path(self.path)
        if not self.config.exists():
            return None
        if not self.resume.exists():
            if self.last.exists() or self.best.exists():
                raise OptionsError(f"{self.resume} is missing, without which the run cannot go on; {self.advice}")
            return None  # It stopped before anything was saved: models are written after what they go on from.
        self._check_same(experiment)
        return read_state(self.resume, advice=self.advice)

    def begin(self, experiment: Experiment) -> None:
        """Make the folder, or tidy up what a killed session left behind."""
        for folder in (self.path, self.steps):
            remove_leftovers(folder)
        write_yaml(self.config, encode(experiment))

    def keep(self, experiment: Experiment) -> None:
        """Write the experiment again where someone removed the folder: without it the other files are no run."""
        if not self.config.exists():
            write_yaml(self.config, encode(experiment))

    def _check_same(self, experiment: Experiment) -> None:
        try:
            before = encode(decode(Experiment, translate(load_yaml(self.config))))
        except TransflowerError as error:
            raise FormatError(self.config, f"is not the experiment of a run: {error}") from error
        now = encode(experiment)
        different = differences(before, now)
        refused = [name for name in different if name not in _MAY_CHANGE and not name.startswith(_MAY_CHANGE_BELOW)]
        if refused:
            changes = ", ".join(f"{name} ({different[name]})" for name in refused)
            raise OptionsError(
                f"{self.path} holds a run with other options: {changes}; "
                f"continue it with `transflower train {self.config} --out {self.path}`, or name another folder"
            )
        if "data.folder" in different:
            folders = (now["data"]["folder"], before["data"]["folder"])
            log.warning("the run goes on with the recordings in %s instead of %s", *folders)


_NAME = ".lock"


class RunLock:
    """Holds the folder of a run, for all processes that train it together; the system lets go of it if they are killed.

    The folder is made, and removed again where nothing was written into it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME
        self._lock = FileLock(self._path)
        self._made: list[Path] = []

    def __enter__(self) -> "RunLock":
        """Take it.

        Raises:
            OptionsError: another training has it, or the folder is a file.
            DataError: nothing can be written there.
        """
        if is_main_process():
            if self._folder.exists() and not self._folder.is_dir():
                raise OptionsError(f"{self._folder} is a file; name another folder for the run")
            check_folder(self._folder)
            self._made = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made and self._folder.is_dir() and {path.name for path in self._folder.iterdir()} == {_NAME}:
            self._path.unlink()
            self._lock.release()
            for folder in self._made:
                folder.rmdir()
        self._lock.release()

    def _take(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise OptionsError(
                f"{self._folder} is being trained already{_holder(self._path)}; wait for it or stop it, or name "
                "another folder"
            ) from error
        self._path.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # On some systems what is locked cannot be read.
        return ""
    return f" by {text}" if text.isprintable() and text else ""


@dataclass(frozen=True, kw_only=True, eq=False)
class RunModels:
    """Writes ``best/``, ``last/`` and ``steps/``."""

    folder: RunFolder
    experiment: Experiment
    data: TrainingData

    def write(self, model: Model, step: int, *, is_best: bool) -> None:
        """Write the model after ``step`` steps; ``last`` comes last, and says that all are written."""
        training = self.experiment.training
        if training.keep and (step % training.save_every == 0 or step == training.max_steps):
            self._write(self.folder.steps / f"{step:08d}", model)
            kept = sorted(path for path in self.folder.steps.iterdir() if path.name.isdecimal())
            for path in kept[: -training.keep]:
                shutil.rmtree(path)
        if is_best:
            self.write_best(model)
        self._write(self.folder.last, model)

    def write_best(self, model: Model) -> None:
        """Write the model that is better than all before."""
        self._write(self.folder.best, model)

    def update(self, saved: Saved, model: Model) -> None:
        """Write what was not written before the run was killed; ``model`` takes the weights that are kept."""
        if not are_written(self.folder, saved):
            model.load_state_dict(saved.kept)
            self.write(model, saved.step, is_best=saved.run["validation"]["best_step"] == saved.step)

    def _write(self, path: Path, model: Model) -> None:
        config = {name: part for name, part in encode(self.experiment).items() if name != "model"}
        with atomic_folder(path) as temporary:
            save_model(temporary, model, sidecars=self.data.sidecars, config=config)


def are_written(folder: RunFolder, saved: Saved) -> bool:
    """Whether the models are those of the state."""
    return read_digest(folder.last) == digest_of(saved.kept)


def check_fits(objective: Objective, saved: Saved, experiment: Experiment, folder: RunFolder) -> None:
    """Refuse a state that does not belong to ``objective``.

    Raises:
        ModelError: the recordings have other columns.
        FormatError: something else is wrong with it.
    """
    own = {name: weight.shape for name, weight in objective.state_dict().items()}
    if own != {name: weight.shape for name, weight in saved.weights.items()}:
        raise ModelError(
            f"{folder.resume} is of a model for other features than these recordings have; "
            "continue with the recordings that it was trained on, or name another folder"
        )
    try:
        check_ema(saved, experiment.training.ema, objective.model)
        check_optimisers(saved, objective.updates())
    # A file that was written by hand can hold anything.
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise FormatError(folder.resume, f"is not the state of this run ({error}); {folder.advice}") from error
