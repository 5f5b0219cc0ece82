"""The folder of a run: what lies in it, and whether an experiment may continue it."""

import logging
from pathlib import Path
from typing import Any

from transflower.core.errors import FormatError, OptionsError, TransflowerError
from transflower.core.files import remove_leftovers
from transflower.core.options import decode, encode, load_yaml, translate, write_yaml
from transflower.core.options.tree import Tree
from transflower.training.options import Experiment
from transflower.training.state import Saved, read_state

log = logging.getLogger(__name__)

_MAY_CHANGE = {
    *("data.folder", "data.num_workers", "data.max_length_gap", "training.max_steps", "training.max_minutes"),
    *("training.accelerator", "training.devices", "training.nodes", "training.strategy"),
    *("training.validate_every", "training.validate_batches", "training.save_every", "training.keep"),
    "training.log_every",
}
_MAY_CHANGE_BELOW = ("training.rollouts.",)


class RunFolder:
    """Names of what a run consists of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.best, self.last, self.steps = path / "best", path / "last", path / "steps"
        self.config, self.resume = path / "config.yaml", path / "resume.ckpt"
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
        if not self.path.exists():
            return None
        if not self.path.is_dir():
            raise OptionsError(f"{self.path} is a file; name another folder for the run")
        if not self.config.exists():
            if any(not path.name.startswith(".") for path in self.path.iterdir()):
                raise OptionsError(f"{self.path} is not empty and holds no run; name another folder for the run")
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
        """Write the experiment again where someone removed the folder under the run: without it the rest is no run."""
        if not self.config.exists():
            write_yaml(self.config, encode(experiment))

    def _check_same(self, experiment: Experiment) -> None:
        try:
            before = _leaves(encode(decode(Experiment, translate(load_yaml(self.config)))))
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


def _leaves(tree: Tree, prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        leaves |= _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return leaves


def _shown(leaves: dict[str, Any], name: str) -> str:
    return str(leaves[name]) if name in leaves else "absent"
