"""The folder of a run: what lies in it, and whether an experiment may continue it."""

import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from transflower.core.errors import FormatError, OptionsError, TransflowerError
from transflower.core.options import decode, encode, load_yaml, write_yaml
from transflower.core.options.tree import Tree
from transflower.training.options import Experiment

log = logging.getLogger(__name__)

_MAY_CHANGE = {
    *("data.folder", "data.num_workers", "training.max_steps", "training.max_minutes"),
    *("training.accelerator", "training.devices", "training.nodes", "training.strategy"),
    *("training.validate_every", "training.validate_batches", "training.save_every", "training.keep"),
    "training.log_every",
}
_MAY_CHANGE_BELOW = ("training.rollouts.",)
_LEFTOVER = re.compile(r"\.(best|last|resume|config|metrics|\d+)\.[0-9a-f]{8}(\..*)?")


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a run continues from, but for its tensors."""

    step: int
    """Steps done."""
    run: dict[str, Any]
    """Time, validations and all that is counted."""
    shapes: dict[str, tuple[int, ...]]
    """Of all weights."""


class RunFolder:
    """Names of what a run consists of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.best, self.last, self.steps = path / "best", path / "last", path / "steps"
        self.config, self.resume = path / "config.yaml", path / "resume.ckpt"
        self.metrics, self.logs = path / "metrics.jsonl", path / "logs"

    def saved(self, experiment: Experiment) -> Saved | None:
        """What ``experiment`` continues from; None where it is to begin.

        Raises:
            OptionsError: the folder holds something else, or a run of another experiment.
            FormatError: its files cannot be read.
        """
        if not self.path.exists():
            return None
        if not self.path.is_dir():
            raise OptionsError(f"{self.path} is a file; name another folder for the run")
        if not self.config.exists():
            if any(not path.name.startswith(".") for path in self.path.iterdir()):
                raise OptionsError(f"{self.path} is not empty and holds no run; name another folder for the run")
            return None
        if not self.resume.exists():
            if self.last.exists():
                raise OptionsError(f"{self.resume} is missing, without which the run cannot go on; name another folder")
            return None  # It stopped before anything was saved.
        self._check_same(experiment)
        return self._read()

    def begin(self, experiment: Experiment) -> None:
        """Make the folder, or tidy up what a killed session left behind."""
        self.path.mkdir(parents=True, exist_ok=True)
        for parent in (self.path, self.steps):
            for path in parent.glob(".*"):
                if _LEFTOVER.fullmatch(path.name):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        write_yaml(self.config, encode(experiment))

    def _check_same(self, experiment: Experiment) -> None:
        try:
            before = _leaves(encode(decode(Experiment, load_yaml(self.config))))
        except TransflowerError as error:
            raise FormatError(self.config, f"is not the experiment of a run: {error}") from error
        now = _leaves(encode(experiment))
        different = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        refused = [name for name in different if name not in _MAY_CHANGE and not name.startswith(_MAY_CHANGE_BELOW)]
        if refused:
            changes = ", ".join(f"{name} ({_shown(before, name)} -> {_shown(now, name)})" for name in refused)
            raise OptionsError(
                f"{self.path} holds a run with other options: {changes}; "
                f"continue it with `transflower train {self.config} --out {self.path}`, or name another folder"
            )
        if "data.folder" in different:
            folders = (now["data.folder"], before["data.folder"])
            log.warning("the run goes on with the recordings in %s instead of %s", *folders)

    def _read(self) -> Saved:
        try:
            state = torch.load(self.resume, map_location="cpu", weights_only=True, mmap=True)
        except Exception as error:  # Of a damaged file the unpickler raises whatever it stumbles over.
            raise FormatError(self.resume, "cannot be read; remove it to train anew") from error
        try:
            run = {name: value for name, value in state["callbacks"]["run"].items() if name != "ema"}
            shapes = {name: tuple(weight.shape) for name, weight in state["state_dict"].items()}
            return Saved(step=state["global_step"], run=run, shapes=shapes)
        except (KeyError, TypeError, AttributeError) as error:
            raise FormatError(self.resume, "is not the state of a run; remove it to train anew") from error


def _leaves(tree: Tree, prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        leaves |= _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return leaves


def _shown(leaves: dict[str, Any], name: str) -> str:
    return str(leaves[name]) if name in leaves else "absent"
