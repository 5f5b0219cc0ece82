"""Batches that do not fit into the machine are refused, before anything is taken or written."""

import re

import pytest

from tests.training.factories import experiment, tree
from transflower.core import memory
from transflower.core.errors import OptionsError
from transflower.core.options import decode
from transflower.core.options.tree import merge
from transflower.training import Experiment, train
from transflower.training.memory import check_step_memory, window_bytes
from transflower.training.preparation import build_model, build_objective, open_data

QUIET = {"rollouts": {"sequences": 0}, "max_steps": 1, "ema": 0}


def objective_of(options):
    data = open_data(options)
    return build_objective(options, build_model(options, data)), data


def test_each_window_of_a_batch_is_counted_and_the_objective_stays_as_it_is(recordings):
    objective, data = objective_of(experiment(recordings, **QUIET))
    before = {name: weight.clone() for name, weight in objective.state_dict().items()}
    num_bytes = window_bytes(objective, data)
    assert 2_000 < num_bytes < 100_000
    assert num_bytes == window_bytes(objective, data)
    assert all(weight.equal(before[name]) for name, weight in objective.state_dict().items())


def test_longer_windows_need_more(recordings):
    longer = {"model": {"inputs": {"audio": {"length": 16}}}}
    short = experiment(recordings, **QUIET)
    long = decode(Experiment, merge(tree(recordings, **QUIET), longer))
    assert window_bytes(*objective_of(long)) > 1.2 * window_bytes(*objective_of(short))


@pytest.mark.parametrize("batch_size", [40, 1_000_000])
def test_a_step_that_does_not_fit_is_refused_and_writes_nothing(recordings, tmp_path, monkeypatch, batch_size):
    options = experiment(recordings, batch_size=batch_size, **QUIET)
    needed = 40 * window_bytes(*objective_of(options))
    monkeypatch.setattr(memory, "machine_memory", lambda: needed // 2)
    windows = min(batch_size, open_data(options).num_windows)
    told = f"a step with {windows} windows in a batch would need .* of memory, there are .*; give a smaller batch_size"
    with pytest.raises(OptionsError, match=told):
        train(options, tmp_path / "run")
    assert not (tmp_path / "run" / "config.yaml").exists()


def test_a_batch_larger_than_the_data_is_all_of_them_with_a_word(recordings, tmp_path, caplog):
    options = experiment(recordings, batch_size=1_000_000_000_000, **QUIET)
    assert train(options, tmp_path / "run").steps == 1
    assert re.search(r"\d+ windows are fewer than a batch of 1000000000000 .*: batches hold \d+", caplog.text)


def test_windows_that_lie_apart_are_counted_as_an_epoch_takes_them(recordings, monkeypatch):
    options = experiment(recordings, batch_size=1_000_000, positions=8, **QUIET)
    objective, data = objective_of(options)
    assert data.num_windows * 4 < len(data.train)
    monkeypatch.setattr(memory, "machine_memory", lambda: 4 * data.num_windows * window_bytes(objective, data))
    check_step_memory(objective, data, options.training)
