import io
import json
import logging
import math
import shutil
import sys

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from transflower.core.errors import FormatError, WriteError
from transflower.training import TrainingConfig, logs
from transflower.training.logs import Board, History, Progress, RunningMeans


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path / "logs")


def test_metrics_go_to_a_readable_file_and_to_tensorboard(tmp_path, board):
    history = History(tmp_path / "metrics.jsonl", board)
    history.write({"val/nll": 1.5, "rollout/std": math.nan}, step=10, seconds=90.0)
    assert json.loads((tmp_path / "metrics.jsonl").read_text()) == {
        "step": 10, "minutes": 1.5, "val/nll": 1.5, "rollout/std": None,
    }  # fmt: skip
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert [(event.step, event.value) for event in events.Scalars("val/nll")] == [(10, 1.5)]


def test_rewinding_forgets_what_will_happen_again_and_what_was_cut_off(tmp_path, board):
    path = tmp_path / "metrics.jsonl"
    history = History(path, board)
    history.rewind(3)
    assert not path.exists()
    for step in (1, 2, 3, 4):
        history.write({"loss": 0.0}, step=step, seconds=0.0)
    path.write_text(path.read_text() + '{"step": 2, "lo')
    history.rewind(2)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


@pytest.mark.parametrize(
    "rubbish",
    [b"\xff\xfe\x00", b"[" * 100_000, b'{"step": 1e999}', b'{"step": "two"}', b'{"step": ' + b"9" * 5000 + b"}", b"3"],
)
def test_rewinding_drops_what_is_no_line_of_ours(tmp_path, board, rubbish):
    path = tmp_path / "metrics.jsonl"
    history = History(path, board)
    history.write({"loss": 0.0}, step=1, seconds=0.0)
    path.write_bytes(path.read_bytes() + rubbish + b"\n")
    history.rewind(2)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1]


def test_metrics_that_cannot_be_written_are_named_and_curves_are_left_out(tmp_path, caplog):
    (tmp_path / "metrics.jsonl").mkdir()
    (tmp_path / "logs").touch()
    board = Board(tmp_path / "logs")
    with pytest.raises(WriteError, match=r"while writing .*metrics.jsonl"):
        History(tmp_path / "metrics.jsonl", board).write({"loss": 0.0}, step=1, seconds=0.0)
    with pytest.raises(FormatError, match="is a folder"):
        History(tmp_path / "metrics.jsonl", board).rewind(1)
    for step in (1, 2):
        board.write({"loss": 0.0}, step=step)
    assert caplog.text.count("curves cannot be written") == 1


def test_curves_go_on_where_their_folder_was_removed(tmp_path, board):
    board.write({"loss": 0.0}, step=1)
    shutil.rmtree(tmp_path / "logs")
    board.write({"loss": 0.0}, step=2)
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert [event.step for event in events.Scalars("loss")] == [2]


def test_points_after_the_step_that_is_continued_from_are_forgotten(tmp_path, board):
    for step in (1, 2, 3):
        board.write({"loss": 0.0}, step=step)
    Board(tmp_path / "logs", purge_step=3).write({"loss": 1.0}, step=3)
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 0.0), (2, 0.0), (3, 1.0)]


METRICS = {"loss": 1.5, "nll": 0.25}


@pytest.fixture
def now(monkeypatch):
    time = [0.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: time[0])
    return time


def test_pipe_gets_a_line_now_and_then(now, monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    caplog.set_level(logging.INFO)
    progress = Progress(TrainingConfig(max_steps=100))
    with progress.shown():
        assert not progress.is_due()
        now[0] = 31.0
        assert progress.is_due()
        progress.show(10, 30.0, METRICS, 1234.5)
        assert not progress.is_due()
        progress.show(20, 50.0, METRICS, 1234.5)
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
        progress.show(50, 30.0, METRICS, 10.0)
        logging.getLogger("transflower.training").warning("a line beside it")
    assert "step 50 of 100 |" in terminal.getvalue()
    assert "nats/dim 0.250" in terminal.getvalue()


def test_means_are_over_what_was_noted_since_they_were_taken():
    meter = RunningMeans()
    meter.add({"loss": torch.tensor(1.0), "norm": torch.tensor(4.0)})
    meter.add({"loss": torch.tensor(3.0)})
    assert meter.means() == {"loss": 2.0, "norm": 4.0}
    assert meter.take() == {"loss": 2.0, "norm": 4.0}
    assert meter.means() == {}
    meter.add({"loss": torch.tensor(7.0)})
    assert meter.take() == {"loss": 7.0}
