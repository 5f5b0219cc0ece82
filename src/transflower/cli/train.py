"""``transflower train EXPERIMENT --data.folder DIR --out RUN``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.core.options import parse
from transflower.models.presets import PRESETS
from transflower.training import Experiment, Result, train
from transflower.training.process import is_main_process


@dataclass(frozen=True, kw_only=True)
class Train(Experiment):
    """Train a model, or continue a run. EXPERIMENT is a preset or a file of options (.yaml)."""

    out: Path
    """Folder of the run; made if need be. If it holds a run of this experiment, that goes on."""


def run(argv: Sequence[str], *, prog: str) -> int:
    """Train, and say what came of it; 130 if it was stopped, 1 if nothing came of it."""
    named = [word for word in argv[:1] if not word.startswith("-")]
    if not argv:
        raise OptionsError(f"name an experiment: {prog} EXPERIMENT --data.folder DIR --out RUN; {_presets()}")
    options = parse(Train, argv[len(named) :], configs=named, presets=PRESETS, prog=f"{prog} EXPERIMENT")
    experiment = Experiment(data=options.data, model=options.model, training=options.training)
    result = train(experiment, options.out)
    if is_main_process():
        print(_report(result))
    if not result.is_finished:
        return 130
    return 1 if result.has_diverged else 0


def _presets() -> str:
    return f"EXPERIMENT is a file of options (.yaml) or one of: {', '.join(PRESETS)}"


def _report(result: Result) -> str:
    lines = [f"{result.steps} steps in {result.seconds / 60:.1f} minutes, {result.frames_per_second:.0f} frames/s"]
    if result.skipped:
        lines.append(f"{result.skipped} steps were left out because their gradient was not finite")
    lines += _metrics(result)
    if not result.is_finished:
        config = result.folder / "config.yaml"
        lines.append(f"stopped; go on with: transflower train {config} --out {result.folder}")
        return "\n".join(lines)
    if result.has_diverged:
        lines.append(_told_of_divergence(result))
        return "\n".join(lines)
    lines.append(f"the model is in {result.folder}; dance with: transflower generate SONG --model {result.folder}")
    return "\n".join(lines)


def _told_of_divergence(result: Result) -> str:
    kept = f"; the best model, of step {result.best_step}, is in {result.folder / 'best'}" if result.best else ""
    return (
        "training diverged: what it says of held-out sequences is no finite number; train in another folder with a "
        f"lower --training.optimiser.lr, and look for outliers in the recordings{kept}"
    )


def _metrics(result: Result) -> list[str]:
    name, label = ("nll", "nats/dim") if "nll" in result.last else ("loss", "loss")
    latest = "at the end" if result.is_finished else "lately"
    metrics = [("at the start", result.first), (latest, result.last), (f"best (step {result.best_step})", result.best)]
    shown = [f"{found[name]:.3f} {when}" for when, found in metrics if name in found]
    return [f"held-out {label}: {', '.join(shown)}"] if shown else []
