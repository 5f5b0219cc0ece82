"""``transflower train EXPERIMENT --data.folder DIR --out RUN``: what is wrong is told before torch is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transflower.cli.given import check_features, check_model
from transflower.core.errors import OptionsError
from transflower.core.files import check_folder
from transflower.core.options import parse
from transflower.data.options import DataConfig
from transflower.models.presets import PRESETS
from transflower.training.plain_options import TrainingOptions
from transflower.training.run_path import CONFIG, check_run_path
from transflower.training.sweep import SweepPlan, read_plan

_HELP = {"-h", "--help"}
_READ_LATER = {*_HELP, "--print_config", "--print-config"}
"""Words of commands whose options are read once, when torch is loaded."""


@dataclass(frozen=True, kw_only=True)
class _PlainTrain:
    """Options that can be read without torch; of the model any."""

    data: DataConfig
    model: Any
    training: TrainingOptions = field(default_factory=TrainingOptions)
    out: Path


def run(argv: Sequence[str], *, prog: str) -> int:
    """Train, and say what came of it; 130 if it was stopped, 1 if nothing came of it."""
    if not argv:
        presets = f"EXPERIMENT is a file of options (.yaml) or one of: {', '.join(PRESETS)}"
        raise OptionsError(f"name an experiment: {prog} EXPERIMENT --data.folder DIR --out RUN; {presets}")
    words = {word.partition("=")[0] for word in argv}
    plan = None if _HELP & words else _plan(argv)
    if not _READ_LATER & words:
        _check_early(argv, plan)
    from transflower.cli.train_run import train_run

    return train_run(argv, plan, prog=prog)


def _plan(argv: Sequence[str]) -> SweepPlan | None:
    """The sweep, which may say how long each trial trains: schedules must know it when options are read."""
    words = [word for pair in argv for word in pair.split("=", 1)]
    after = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "--sweep"]
    return read_plan(Path(after[-1])) if after else None


def _check_early(argv: Sequence[str], plan: SweepPlan | None) -> None:
    tree = None if plan is None else plan.tree({}, {})
    named = [word for word in argv[:1] if not word.startswith("-")]
    options = parse(_PlainTrain, _plain_flags(argv[len(named) :]), tree=tree, configs=named, presets=PRESETS)
    check_features(options.data.folder, options.data.train_split, options.data.val_split)
    check_folder(options.out)
    if plan is None:
        check_run_path(options.out)
    if not (options.out / CONFIG).exists():  # A run that goes on has begun with that model; it may be gone.
        check_model(options.training.start_from)


def _plain_flags(argv: Sequence[str]) -> list[str]:
    """The flags that ``_PlainTrain`` has, each with its words; others may be right or wrong."""
    kept, is_plain = [], True
    for word in argv:
        if word.startswith("--"):
            name = word.removeprefix("--")
            is_plain = name.startswith(("data.", "training.", "out", "config")) and not name.startswith(
                "training.objective"
            )
        kept += [word] * is_plain
    return kept
