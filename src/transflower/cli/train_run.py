"""What ``transflower train`` does when torch is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transflower.core.options import parse
from transflower.core.options.ranges import Count
from transflower.models.presets import PRESETS
from transflower.training.options import Experiment
from transflower.training.process import is_main_process
from transflower.training.sweep import SweepOn, SweepPlan

if TYPE_CHECKING:
    from transflower.training import Result


@dataclass(frozen=True, kw_only=True)
class Train(Experiment):
    """Train a model, or continue a run. EXPERIMENT is a preset or a file of options (.yaml)."""

    out: Path
    """Folder of the run; made if need be. If it holds a run of this experiment, that goes on."""
    sweep: Path | None = None
    """File of a sweep (.yaml): lists and ranges of options, of which many trials are trained, each into a folder below
    `out`. The same command goes on where it was stopped. Needs the extra `sweep`."""
    sweep_jobs: Count = 1
    """Trials that are trained at the same time, each in a process of its own."""
    sweep_on: SweepOn = "processes"
    """Where trials are trained: by processes of this machine, or by tasks of Ray: of the cluster that runs here or that
    RAY_ADDRESS names, else of a Ray of this machine. Needs the extra `ray`."""


def train_run(argv: Sequence[str], plan: SweepPlan | None, *, prog: str) -> int:
    """Train, and say what came of it; 130 if it was stopped, 1 if nothing came of it."""
    named = [word for word in argv[:1] if not word.startswith("-")]
    rest, prog = argv[len(named) :], f"{prog} EXPERIMENT"
    options = parse(
        Train, rest, tree=None if plan is None else plan.tree({}, {}), configs=named, presets=PRESETS, prog=prog
    )
    experiment = Experiment(data=options.data, model=options.model, training=options.training)
    if plan is not None:
        return _sweep(experiment, plan, options)
    from transflower.training import train

    result = train(experiment, options.out)
    if is_main_process():
        print(_report(result))
    if not result.is_finished:
        return 130
    return 1 if result.has_diverged else 0


def _sweep(experiment: Experiment, plan: SweepPlan, options: Train) -> int:
    from transflower.training.sweep import sweep

    found = sweep(experiment, plan, options.out, jobs=options.sweep_jobs, on=options.sweep_on)
    over = sum(one.state in {"complete", "failed"} for one in found.trials)
    failed = sum(one.state == "failed" for one in found.trials)
    print(f"{over} of {plan.limits.trials} trials are over{f', {failed} of them failed' if failed else ''}")
    if found.best is not None:
        params = ", ".join(f"{name} {value}" for name, value in found.best.params.items())
        print(f"best {plan.limits.metric}: {found.best.value:.4g}, trial {found.best.number}: {params}")
        print("\n".join(map(str, found.files)))
        print(f"train it for longer with: transflower train {found.folder / 'best.yaml'} --out RUN")
    if not found.is_finished:
        print("stopped; the same command goes on")
    return 0 if found.is_finished else 130


def _report(result: "Result") -> str:
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
    if result.is_worse:
        lines.append(
            "training made the model worse: it tells held-out sequences less well than before the first step; train in "
            "another folder with a lower --training.optimiser.lr, or for more steps"
        )
    lines.append(f"the model is in {result.folder}; dance with: transflower generate SONG --model {result.folder}")
    return "\n".join(lines)


def _told_of_divergence(result: "Result") -> str:
    kept = f"; the best model, of step {result.best_step}, is in {result.folder / 'best'}" if result.best else ""
    return (
        "training diverged: what it says of held-out sequences is no finite number; train in another folder with a "
        f"lower --training.optimiser.lr, and look for outliers in the recordings{kept}"
    )


def _metrics(result: "Result") -> list[str]:
    name, label = ("nll", "nats/dim") if "nll" in result.last else ("loss", "loss")
    latest = "at the end" if result.is_finished else "lately"
    metrics = [("at the start", result.first), (latest, result.last), (f"best (step {result.best_step})", result.best)]
    shown = [f"{found[name]:.3f} {when}" for when, found in metrics if name in found]
    return [f"held-out {label}: {', '.join(shown)}"] if shown else []
