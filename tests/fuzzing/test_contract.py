"""Breaking the contract is noticed, whichever way it is broken."""

import os
import re
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.fuzzing.contract import Run, Runner, faults_of
from tests.fuzzing.folder import faults_of_files, listing

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@cache
def runner() -> Runner:
    return Runner(lambda words: 0)


def run(main, folder, *, hangs_after=60) -> Run:
    runner().main, runner().hangs_after = main, hangs_after
    return runner()([], folder)


def kinds(main, folder) -> list[str]:
    return [fault.kind for fault in faults_of(run(main, folder, hangs_after=2))]


def refuse(text: str, code: int = 2) -> int:
    print(text, file=sys.stderr)
    return code


def burn(words) -> int:
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    return 0


def fill(words) -> int:
    np.ones(4 * 10**8, np.uint8)  # far more than what the process that it is forked off may have let go of
    return 0


def leave_process(words) -> int:
    subprocess.Popen(["sleep", "5"])
    return 0


@pytest.mark.parametrize(
    "main",
    [
        lambda words: 0,
        lambda words: refuse("transflower: error: no such song"),
        lambda words: refuse("transflower: error: nothing was extracted:\n  - a.bvh: is empty\n  - b.bvh: is empty"),
        lambda words: print("1 problem") or 2,
    ],
)
def test_lawful_ends(main, tmp_path):
    assert kinds(main, tmp_path) == []


@pytest.mark.parametrize(
    ("main", "kind"),
    [
        (lambda words: {}["x"], "traceback: KeyError"),
        (lambda words: 3, "exit code 3"),
        (lambda words: 2, "exit code 2 with 0 sentences"),
        (lambda words: refuse("transflower: error: a\ntransflower: error: b"), "exit code 2 with 2 sentences"),
        (lambda words: refuse("transflower: error: "), "an empty sentence"),
        (lambda words: refuse("transflower: error: \x1b[2J"), "control characters"),
        (lambda words: refuse("transflower: error: " + "7" * 5000), "a sentence without end"),
        (lambda words: refuse("a/b.py:3: RuntimeWarning: overflow", 0), "warning: RuntimeWarning in b.py"),
        (lambda words: os.kill(os.getpid(), signal.SIGSEGV), "died by SIGSEGV"),
        (lambda words: time.sleep(9), "hangs"),
        (leave_process, "left a process behind"),
    ],
)
def test_each_breach_is_named(main, kind, tmp_path):
    found = kinds(main, tmp_path)
    assert len(found) == 1
    assert found[0].startswith(kind)


def test_what_takes_more_than_its_time_is_slow(tmp_path):
    done = run(burn, tmp_path)
    assert [fault.kind for fault in faults_of(done, cpu_seconds=0.2)] == ["slow"]
    assert faults_of(done) == []


def test_what_takes_more_than_its_memory_is_named(tmp_path):
    done = run(fill, tmp_path)
    assert [fault.kind for fault in faults_of(done, num_bytes=9 * 10**7)] == ["memory"]
    assert faults_of(done) == []


def test_the_place_in_our_code_is_named(tmp_path):
    from transflower.core.registry import Registry

    assert re.search(r"at core/\w+\.py:", kinds(lambda words: Registry(), tmp_path)[0]) is None
    from transflower.core.listing import name_some

    assert kinds(lambda words: name_some(None), tmp_path)[0].endswith("at core/listing.py:name_some")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda folder: (folder / "in.txt").write_text("y"), "an input was changed"),
        (lambda folder: (folder / "in.txt").unlink(), "an input was changed"),
        (lambda folder: (folder / ".out.tmp.npy").touch(), "a temporary was left"),
        (lambda folder: (folder / "out.npy").touch(), "wrote a .npy that cannot be read"),
        (lambda folder: np.save(folder / "out.npy", np.array([np.inf])), "wrote a .npy that is not finite"),
        (lambda folder: (folder / "out.json").write_text("[NaN]"), "wrote a .json that cannot be read"),
    ],
)
def test_half_written_files_are_named(change, kind, tmp_path):
    (tmp_path / "in.txt").write_text("x")
    before = listing(tmp_path)
    change(tmp_path)
    faults = faults_of_files(tmp_path, before, failed=False, may_change=[], may_remain=[])
    assert [fault.kind.startswith(kind) for fault in faults] == [True]


def test_what_a_failure_leaves_is_named_unless_it_may_remain(tmp_path: Path):
    before = listing(tmp_path)
    np.save(tmp_path / "out.npy", np.zeros(2))
    options = {"failed": True, "may_change": []}
    assert len(faults_of_files(tmp_path, before, may_remain=[], **options)) == 1
    assert faults_of_files(tmp_path, before, may_remain=["*.npy"], **options) == []
