import json
import math

import pytest
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from transflower.training.history import History


@pytest.fixture
def board(tmp_path):
    return TensorBoardLogger(tmp_path, name="logs", version="", default_hp_metric=False)


def test_figures_go_to_a_readable_file_and_to_tensorboard(tmp_path, board):
    history = History(tmp_path / "metrics.jsonl", board)
    history.write({"val/nll": 1.5, "rollout/std": math.nan}, step=10, seconds=90.0)
    assert json.loads((tmp_path / "metrics.jsonl").read_text()) == {
        "step": 10, "minutes": 1.5, "val/nll": 1.5, "rollout/std": None,
    }  # fmt: skip
    board.finalize("success")
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
