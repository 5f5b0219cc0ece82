"""Every preset of laptop size learns from the same songs and dances for the same CPU-seconds, and is measured alike.

``python -m benchmarks models`` writes the table of ``docs/models.md`` and the picture beside it. What is done is kept
in a working folder, so that the same command goes on where it was stopped.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.held_out import HeldOut
from benchmarks.report import Report
from transflower.core.errors import OptionsError
from transflower.core.files import read_json, write_json, write_text
from transflower.core.options import decode, load_yaml, merge, parse
from transflower.core.options.tree import Tree
from transflower.models import load_model
from transflower.models.presets import PRESETS
from transflower.synthetic.features import write_features
from transflower.training import Experiment, train

LAPTOP_PRESETS = tuple(name for name in PRESETS if name.endswith("-tiny"))
REAL = "the dancers"
"""The row of dances that no model drew: what the best of them would get."""

_BEGIN, _END = "<!-- table: python -m benchmarks models -->", "<!-- end of the table -->"
_FEW_STEPS, _MORE_STEPS = 4, 24
_NARROW: Tree = {
    "encoder": {"width": 96, "music": {"width": 96}},
    "head": {"flow": {"conditioner": {"width": 96}}},
}
_SAME_SIZE: Mapping[str, Tree] = {"live-tiny": _NARROW, "dancer-tiny": _NARROW}
"""What brings a preset to about as many parameters as the others have."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Train the presets of laptop size for the same CPU-seconds on one thread, let them dance, and write the table."""

    seconds: float = 240.0
    """CPU-seconds of training for each model."""
    presets: tuple[str, ...] = LAPTOP_PRESETS
    """Which to compare."""
    songs: int = 64
    """Songs to synthesise, each with a dance."""
    song_seconds: float = 40.0
    """Length of each song."""
    samples: int = 4
    """Dances of each model to each held-out song."""
    seed: int = 0
    """Start of all randomness."""
    work: Path = Path("runs/comparison")
    """Folder of data, runs and metrics so far."""
    document: Path = Path("docs/models.md")
    """Document whose table is replaced; the picture lies beside it."""

    def __post_init__(self) -> None:
        unknown = [name for name in self.presets if name not in PRESETS]
        if unknown:
            raise OptionsError(f"no preset is called {', '.join(unknown)}; there are: {', '.join(PRESETS)}")
        if not self.seconds > 0 or self.samples < 1:
            raise OptionsError(f"seconds and samples must be above 0, got {self.seconds:g} and {self.samples}")


def main(argv: Sequence[str]) -> int:
    """Compare, write the table and the picture, and print the table."""
    options = parse(Comparison, argv, prog="python -m benchmarks models")
    torch.set_num_threads(1)
    report = compare_presets(options)
    _write_table(options.document, report)
    report.draw(options.document.with_suffix(".png"))
    print(report.text())
    return 0


def compare_presets(options: Comparison) -> Report:
    """Metrics of every preset, and of the dancers themselves."""
    folder = options.work / f"{options.songs}x{options.song_seconds:g}-{options.seed}"
    recordings, features = folder / "recordings", folder / "features"
    if not features.exists():
        write_features(recordings, features, songs=options.songs, seconds=options.song_seconds, seed=options.seed)
    held_out = HeldOut(recordings, features)
    rows: dict[str, Mapping[str, float]] = {}
    for name in options.presets:
        run = folder / f"{name}-{options.seconds:g}"
        kept = run.with_name(f"{run.name}-{options.samples}.json")
        if not kept.exists():
            write_json(kept, _metrics(_experiment(name, features, options.seed), run, held_out, options))
        rows[name] = read_json(kept)
    return Report({**rows, REAL: held_out.real_metrics()})


def _metrics(experiment: Experiment, run: Path, held_out: HeldOut, options: Comparison) -> dict[str, float]:
    """Train, dance, measure."""
    step_seconds = _step_seconds(experiment)
    steps = max(1, round(options.seconds / step_seconds))
    result = train(_limited(experiment, steps), run)
    if not result.is_finished:
        raise KeyboardInterrupt
    loaded = load_model(run / "last")
    positions = experiment.training.batch_size * experiment.training.positions
    return {
        "parameters (M)": sum(parameter.numel() for parameter in loaded.model.parameters()) / 1e6,
        "steps": steps,
        "trained positions/s": positions / step_seconds,
        "drawn frames/s": held_out.frames_per_second(loaded),
        **({} if result.last_nll is None else {"nats/dim": result.last_nll}),
        **held_out.metrics(loaded, samples=options.samples, seed=options.seed),
    }


def _experiment(preset: str, features: Path, seed: int) -> Experiment:
    over: Tree = {
        "data": {"folder": str(features)},
        "model": _SAME_SIZE.get(preset, {}),
        "training": {"seed": seed, "accelerator": "cpu", "rollouts": {"sequences": 0}},
    }
    return decode(Experiment, merge(load_yaml(PRESETS[preset], presets=PRESETS), over))


def _step_seconds(experiment: Experiment) -> float:
    """CPU-seconds of a step of training, with all that belongs to it but validation.

    A few steps are taken off some more, so that what a run begins and ends with cancels out.
    """

    def spent(steps: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            train(_limited(experiment, steps, batches=1), Path(folder) / "run")
            return time.process_time() - start

    spent(1)  # loads what is loaded once
    return max(spent(_MORE_STEPS) - spent(_FEW_STEPS), 1e-3) / (_MORE_STEPS - _FEW_STEPS)


def _limited(experiment: Experiment, steps: int, *, batches: int = 50) -> Experiment:
    """The same for so many steps, validated on so many batches before the first and after the last."""
    training = replace(
        experiment.training, max_steps=steps, max_minutes=None, validate_every=steps, validate_batches=batches
    )
    return replace(experiment, training=training)


def _write_table(document: Path, report: Report) -> None:
    before, found, rest = document.read_text(encoding="utf-8").partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not (found and ended):
        raise OptionsError(f"{document}: the table belongs between the lines {_BEGIN!r} and {_END!r}")
    write_text(document, f"{before}{_BEGIN}\n{report.text()}{_END}{after}")
