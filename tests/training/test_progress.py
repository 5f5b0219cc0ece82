import io
import logging
import sys

import pytest

from transflower.training import TrainingConfig
from transflower.training import progress as progress_file
from transflower.training.progress import Progress

FIGURES = {"loss": 1.5, "nll": 0.25}


@pytest.fixture
def now(monkeypatch):
    time = [0.0]
    monkeypatch.setattr(progress_file.time, "monotonic", lambda: time[0])
    return time


def test_pipe_gets_a_line_now_and_then(now, monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    caplog.set_level(logging.INFO)
    progress = Progress(TrainingConfig(max_steps=100))
    with progress.shown():
        assert not progress.is_due()
        now[0] = 31.0
        assert progress.is_due()
        progress.show(10, 30.0, FIGURES, 1234.5)
        assert not progress.is_due()
        progress.show(20, 50.0, FIGURES, 1234.5)
    assert caplog.messages[1] == "step 20 of 100: loss 1.500, nats/dim 0.250, 1234 frames/s, 0:02:40 left"


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({"max_minutes": 2.0}, "0:01:10 left"),
        ({"max_minutes": 2.0, "max_steps": 30}, "0:00:20 left"),
        ({}, "frames/s"),
    ],
)
def test_remaining_time_is_that_of_the_nearer_limit(now, monkeypatch, caplog, limits, left):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    caplog.set_level(logging.INFO)
    progress = Progress(TrainingConfig(**limits))
    progress.show(10, 30.0, {"loss": 1.0}, 10.0)
    progress.show(20, 50.0, {"loss": 1.0}, 10.0)
    assert caplog.messages[1].endswith(left)


def test_terminal_gets_a_bar(now, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(TrainingConfig(max_steps=100))
    with progress.shown():
        progress.show(50, 30.0, FIGURES, 10.0)
        logging.getLogger("transflower.training").warning("a line beside it")
    assert "step 50 of 100 |" in terminal.getvalue()
    assert "nats/dim 0.250" in terminal.getvalue()
