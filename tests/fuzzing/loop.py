"""Cases one after another, and what was found in them."""

import contextlib
import io
import itertools
import json
import pkgutil
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

import transflower
from tests.fuzzing.contract import CPU_SECONDS, Fault, Run, Runner, faults_of
from tests.fuzzing.findings import Finding, read_finding, save_finding
from tests.fuzzing.folder import Listing, copy_folder, faults_of_files, listing
from tests.fuzzing.targets import TARGETS, Target, make_case, make_unchanged

_LATER = (
    *("joblib", "matplotlib.pyplot", "scipy.cluster.vq", "torch.utils.tensorboard", "torch.utils.serialization"),
    *(
        "tensorboard.summary.writer.event_file_writer",
        "torch.profiler._cupti_monitor",
        "fsspec.implementations.chained",
    ),
)
"""What commands import only when they need it."""
_SAY_EVERY = 60
"""Seconds."""


def warm_runner() -> Runner:
    """A runner in which everything is imported that a command may need."""
    for module in pkgutil.walk_packages(transflower.__path__, "transflower."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in _LATER:
        import_module(name)
    from transflower.cli import main

    with contextlib.redirect_stdout(io.StringIO()):
        main(["data", "check", "x", "--print_config"])  # What reads options makes tables when it is first used.
    return Runner(main)


@dataclass
class Fuzzer:
    """Tries cases of the targets in turn, and keeps one example of each kind of finding."""

    out: Path
    targets: Sequence[str] | None = None
    most_unchanged: int | None = None
    """How many commands of a target are tried on unchanged files before its cases; None: all."""
    cpu_seconds: float = CPU_SECONDS
    """How long a command may take."""
    findings: dict[str, Finding] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        unknown = set(self.targets or ()) - set(TARGETS)
        if unknown:
            sys.exit(f"no target is called {', '.join(unknown)}; there are: {', '.join(TARGETS)}")
        self._runner = warm_runner()
        self._tried: set[tuple[object, Sequence[str]]] = set()
        self._seeds = tempfile.TemporaryDirectory()
        self._targets = {name: TARGETS[name] for name in self.targets or TARGETS}

    def __enter__(self) -> "Fuzzer":
        return self

    def __exit__(self, *exception: object) -> None:
        self._seeds.cleanup()

    def try_for(self, seconds: float, *, first: int) -> None:
        """One case of each target after the other, until the time is over."""
        start = said = time.monotonic()
        for number in itertools.count(first):
            for name in self._targets:
                now = time.monotonic()
                if now - start > seconds:
                    return
                if now - said > _SAY_EVERY:
                    said = now
                    print(f"{(now - start) / 60:.0f} min: {self.counts.total()} cases, {len(self.findings)} findings")
                self.try_one(name, number)

    def try_each(self, numbers: Iterable[int]) -> None:
        """These cases of each target."""
        for name, number in itertools.product(self._targets, list(numbers)):
            self.try_one(name, number)

    def try_one(self, name: str, number: int) -> None:
        """Make a case, run it, and keep what is found for the first time."""
        self._try_unchanged(name)
        start, rng = time.monotonic(), random.Random(f"{name} {number}")
        self._try(name, number, partial(make_case, TARGETS[name], self._seed(name), rng=rng))
        self.counts[name] += 1
        self.seconds[name] += time.monotonic() - start

    def summary(self) -> str:
        """What was tried, how fast, and what was found."""
        lines = [
            f"{name:18} {count:6} cases, {count / self.seconds[name]:6.1f}/s" for name, count in self.counts.items()
        ]
        lines += ["", *(f"{one.times:4} x {kind}: {one.folder}" for kind, one in self.findings.items())]
        lines.append(f"{self.counts.total()} cases, {len(self.findings)} findings")
        return "\n".join(lines)

    def _try_unchanged(self, name: str) -> None:
        """Run the commands of a target on its files as they are, once: they must succeed."""
        target = TARGETS[name]
        for number, words in enumerate(target.commands[: self.most_unchanged]):
            if (target.seed, words) not in self._tried:
                self._tried.add((target.seed, words))
                make = partial(make_unchanged, target, self._seed(name), number=number)
                self._try(name, number, make, must_succeed=True)

    def _try(
        self, name: str, number: int, make: Callable[[Path], tuple[list[str], str]], *, must_succeed: bool = False
    ) -> None:
        with tempfile.TemporaryDirectory() as place:
            # One folder further down: `..` is nobody's but the case's.
            folder, kept = Path(place) / "around" / "case", Path(place) / "kept"
            words, changed = make(folder)
            copy_folder(folder, kept)
            run, faults = judge(self._runner, TARGETS[name], words, folder, cpu_seconds=self.cpu_seconds)
            if must_succeed and run.code != 0:
                faults.append(Fault(kind="fails before anything is changed"))
            for fault in faults:
                self._keep(Finding.of(name, number, changed, run, fault), kept)

    def _seed(self, name: str) -> Path:
        seed = TARGETS[name].seed
        folder = Path(self._seeds.name) / seed.__name__
        if not folder.exists():
            folder.mkdir()
            self._runner.prepare(seed, folder)
        return folder

    def _keep(self, finding: Finding, files: Path) -> None:
        known = self.findings.get(finding.kind)
        if known is not None:
            known.times += 1
            return
        self.findings[finding.kind] = finding
        save_finding(finding, files, self.out)
        print(f"{finding.kind}: {finding.folder}", flush=True)


def judge(
    runner: Runner, target: Target, words: Sequence[str], folder: Path, *, cpu_seconds: float = CPU_SECONDS
) -> tuple[Run, list[Fault]]:
    """Run a command on a folder, and say how it broke the contract."""
    before: Listing = listing(folder.parent)
    run = runner(words, folder)
    faults = faults_of(run, cpu_seconds=cpu_seconds)
    files = faults_of_files(
        folder.parent,
        before,
        failed=run.code != 0,
        may_change=[f"{folder.name}/{pattern}" for pattern in target.may_change],
        may_remain=[f"{folder.name}/{pattern}" for pattern in target.may_remain],
    )
    return run, faults + files


def again(folder: Path) -> int:
    """Run a finding once more; 1 if it breaks the contract still."""
    finding = read_finding(folder)
    with tempfile.TemporaryDirectory() as place:
        copy_folder(folder / "files", Path(place) / "case")
        run, faults = judge(warm_runner(), TARGETS[finding.target], finding.words, Path(place) / "case")
    print(run.out, run.err, sep="", end="")
    print(json.dumps([f"{fault.kind} {fault.detail}".strip() for fault in faults], indent=1))
    return 1 if faults else 0
