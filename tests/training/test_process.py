import logging
import signal

import pytest

from transflower.training import process
from transflower.training.process import Clock, StopNow, StopRequest, hush_other_processes, is_main_process


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_and_second_stops(number):
    with StopRequest() as stop:
        assert not stop.is_made
        signal.raise_signal(number)
        assert stop.is_made
        with pytest.raises(StopNow):
            signal.raise_signal(number)


def test_handlers_are_given_back():
    # Where pytest runs in the background of a shell, Ctrl-C is ignored from the start.
    original = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGINT)
    with StopRequest() as stop:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # As Lightning does.
        stop.listen()
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_made
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, original)


@pytest.fixture
def now(monkeypatch):
    time = [100.0]
    monkeypatch.setattr(process.time, "monotonic", lambda: time[0])
    return time


def test_pauses_count_as_time_of_the_run_but_not_of_training(now):
    clock = Clock()
    clock.start()
    now[0] += 10
    clock.frames += 500
    with clock.pause():
        now[0] += 5
    assert clock.seconds == 15
    assert clock.frames_per_second == 50


def test_sessions_add_up(now):
    first = Clock()
    first.start()
    now[0] += 10
    first.frames += 100
    second = Clock()
    second.load_state_dict(first.state_dict())
    now[0] += 1000
    second.start()
    now[0] += 10
    second.frames += 300
    assert second.seconds == 20
    assert second.frames_per_second == 20
