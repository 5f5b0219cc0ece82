import json
import math
import shutil

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from transflower.core.errors import FormatError, WriteError
from transflower.training.board import Board
from transflower.training.history import History


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path / "logs")


def test_figures_go_to_a_readable_file_and_to_tensorboard(tmp_path, board):
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


def test_figures_that_cannot_be_written_are_named_and_curves_are_left_out(tmp_path, caplog):
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
