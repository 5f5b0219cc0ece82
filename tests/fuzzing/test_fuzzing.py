"""A few cases of every target: the contract holds whatever is changed. `make fuzz` tries many more."""

import os

import pytest
import torch

from tests.examples import IS_THOROUGH
from tests.fuzzing.contract import CPU_SECONDS
from tests.fuzzing.targets import TARGETS

pytestmark = [
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="cases are children of this process, and this system cannot fork"
    ),
    pytest.mark.skipif(torch.cuda.is_available(), reason="children of a process that has a GPU open cannot train"),
]
CASES = dict.fromkeys(("training", "train_options", "resume", "experiment"), 1) | dict.fromkeys(
    ("sound", "song", "model", "generate_options", "motion_sidecar", "audio_sidecar", "published"), 2
)
"""Of targets whose cases take longer."""


@pytest.fixture(scope="session")
def fuzzer(tmp_path_factory):
    from tests.fuzzing.loop import Fuzzer

    # Types are checked here, and each child makes the checkers of what it calls.
    seconds = 2 * CPU_SECONDS
    with Fuzzer(tmp_path_factory.mktemp("findings") / "found", most_unchanged=1, cpu_seconds=seconds) as fuzzer:
        yield fuzzer


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_is_changed_the_law_holds(fuzzer, target):
    for number in range(CASES.get(target, 3) if IS_THOROUGH else 1):
        fuzzer.try_one(target, number)
    found = [one for one in fuzzer.findings.values() if one.target == target]
    assert not found, "\n\n".join((one.folder / "finding.txt").read_text() for one in found)
