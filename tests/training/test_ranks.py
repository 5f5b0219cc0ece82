import logging

import pytest

from transflower.training.ranks import hush_other_processes, is_main_process


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in ("RANK", "LOCAL_RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)


def test_process_on_its_own_is_the_main_one():
    assert is_main_process()


@pytest.mark.parametrize(
    ("variables", "is_main"),
    [
        ({"LOCAL_RANK": "0"}, True),
        ({"LOCAL_RANK": "1"}, False),
        ({"RANK": "8", "LOCAL_RANK": "0"}, False),  # The first of the second machine.
        ({"SLURM_PROCID": "3"}, False),
    ],
)
def test_launchers_say_which_process_it_is(monkeypatch, variables, is_main):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_main_process() is is_main


def test_other_processes_log_errors_only(monkeypatch):
    logger = logging.getLogger("transflower")
    level = logger.level
    monkeypatch.setenv("LOCAL_RANK", "1")
    hush_other_processes()
    assert not logger.isEnabledFor(logging.WARNING)
    logger.setLevel(level)
