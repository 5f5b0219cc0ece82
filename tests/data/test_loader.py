import logging
import os
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.data.factories import ramp, window, write_folder
from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.spans import StreamSpec
from transflower.data.dataset import WindowDataset
from transflower.data.loader import WindowLoader, WindowSampler
from transflower.data.store import Store
from transflower.data.windows import WindowLayout


def _windows(sampler, epoch=0):
    return [batch.windows.tolist() for batch in sampler.batches(epoch)]


counts = st.lists(st.integers(1, 30), min_size=1, max_size=6).map(np.array)


@given(counts=counts, stride=st.integers(1, 8), batch_size=st.integers(1, 9), epoch=st.integers(0, 3))
def test_training_windows_of_an_epoch_meet_every_frame_about_once(counts, stride, batch_size, epoch):
    sampler = WindowSampler(counts, batch_size=1, stride=stride, training=True)
    chosen = sorted(w for batch in _windows(sampler, epoch) for w in batch)
    first = 0
    for count in counts.tolist():
        own = [w - first for w in chosen if first <= w < first + count]
        assert own[0] == 0
        assert len(own) == 1 + -(-(count - 1) // stride)
        assert (np.diff(own) <= stride).all()
        assert count - 1 - own[-1] < stride
        first += count
    assert len(chosen) == sampler.num_windows
    sampler = WindowSampler(counts, batch_size=batch_size, stride=stride, training=True)
    assert len(sampler) == len(_windows(sampler, epoch)), "the length of an epoch never changes"
    assert len({len(batch) for batch in _windows(sampler, epoch)}) == 1


def test_stride_one_takes_every_window_once():
    sampler = WindowSampler(np.array([5, 1, 6]), batch_size=4, training=True)
    assert sorted(w for batch in _windows(sampler) for w in batch) == list(range(12))


def test_order_follows_from_seed_and_epoch_alone():
    def order(seed, epoch):
        return _windows(WindowSampler(np.array([40, 30]), batch_size=8, stride=3, training=True, seed=seed), epoch)

    assert order(1, 5) == order(1, 5)
    assert order(1, 5) != order(1, 6)
    assert order(1, 5) != order(2, 5)


def test_boundaries_move_from_epoch_to_epoch():
    sampler = WindowSampler(np.array([100]), batch_size=1, stride=10, training=True)
    assert len({tuple(sorted(map(tuple, _windows(sampler, epoch)))) for epoch in range(20)}) > 5


def test_held_out_windows_are_all_kept_and_never_change():
    sampler = WindowSampler(np.array([7, 4]), batch_size=4, training=False)
    batches = _windows(sampler, 0)
    assert [len(batch) for batch in batches] == [4, 4, 3]
    assert sorted(w for batch in batches for w in batch) == list(range(11))
    assert _windows(sampler, 9) == batches
    assert batches != sorted(batches), "a few batches are a fair sample"


def test_held_out_stride_reaches_the_last_window():
    chosen = WindowSampler(np.array([8]), batch_size=9, stride=3, training=False)
    assert sorted(_windows(chosen)[0]) == [0, 3, 6, 7]


@given(counts=counts, world_size=st.integers(1, 4), batch_size=st.integers(1, 5), training=st.booleans())
def test_ranks_share_the_windows_evenly(counts, world_size, batch_size, training):
    def sampler(rank):
        return WindowSampler(counts, batch_size=batch_size, training=training, rank=rank, world_size=world_size)

    samplers = [sampler(rank) for rank in range(world_size)]
    ranks = [_windows(one, 2) for one in samplers]
    assert len({tuple(map(len, batches)) for batches in ranks}) == 1
    assert len(ranks[0]) == len(samplers[0]) > 0
    seen = Counter(w for batches in ranks for batch in batches for w in batch)
    if not training:
        assert set(seen) == set(range(counts.sum()))
        assert sum(seen.values()) - counts.sum() < world_size
    elif counts.sum() >= world_size:
        assert max(seen.values()) == 1


def test_fewer_windows_than_a_batch_are_one_smaller_batch_and_reported(caplog):
    with caplog.at_level(logging.WARNING):
        sampler = WindowSampler(np.array([3, 2]), batch_size=64, training=True)
    assert [len(batch) for batch in _windows(sampler)] == [5]
    assert caplog.messages == ["5 windows are fewer than a batch of 64 on each of 1 processes: batches hold 5"]


@pytest.fixture
def dataset(tmp_path):
    lengths = {f"s{i}": 20 for i in range(3)}
    folder = write_folder(tmp_path, {one: {"m": ramp(20, start=100 * i)} for i, one in enumerate(lengths)})
    layout = WindowLayout(inputs={"m": window(-2, 2)}, targets={"m": window(0, 1)})
    return WindowDataset(
        Store(folder),
        lengths,
        layout=layout,
        streams={"m": StreamSpec(dim=2)},
        features={"m": ("m",)},
        fill={"m": np.zeros(2, np.float32)},
    )


def _epoch(loader, epoch):
    loader.sampler.set_epoch(epoch)
    return [batch["targets"]["m"] for batch in loader]


@pytest.mark.parametrize("num_workers", (0, 2))
def test_resumed_epoch_goes_on_in_exactly_the_same_order(dataset, num_workers):
    def loader():
        return WindowLoader(dataset, batch_size=8, training=True, seed=3, num_workers=num_workers)

    whole = loader()
    assert len(whole) == 7
    expected = _epoch(whole, 0), _epoch(whole, 1)

    stopped = loader()
    stopped.sampler.set_epoch(1)
    batches = iter(stopped)
    for _ in range(3):
        next(batches)
    state = stopped.state_dict()
    assert state == {"epoch": 1, "batches_done": 3}

    resumed = loader()
    resumed.load_state_dict(state)
    torch.testing.assert_close(_epoch(resumed, 1), expected[1][3:], rtol=0, atol=0)
    torch.testing.assert_close(_epoch(resumed, 0), expected[0], rtol=0, atol=0)


def test_batches_are_read_in_this_process_where_no_other_can_be_waited_for(dataset, monkeypatch):
    monkeypatch.setattr("transflower.data.loader.has_semaphores", lambda: False)
    assert WindowLoader(dataset, batch_size=8, training=True, num_workers=2).num_workers == 0


@pytest.mark.parametrize("num_workers", (0, 1))
def test_array_written_anew_between_two_passes_is_named(dataset, num_workers):
    dataset.store.header("s1", "m")
    loader = WindowLoader(dataset, batch_size=8, training=True, num_workers=num_workers)
    _epoch(loader, 0)
    np.save(dataset.store.path("s1", "m"), ramp(21))
    with pytest.raises(FormatError, match=r"s1\.m\.npy: has changed"):
        _epoch(loader, 1)


@pytest.mark.parametrize("num_workers", (0, 1))
def test_array_cut_short_in_the_middle_of_a_pass_is_named(dataset, num_workers):
    loader = WindowLoader(dataset, batch_size=1, training=False, num_workers=num_workers)
    for one in dataset.ids:
        dataset.store.header(one, "m")
    batches = iter(loader)
    next(batches)
    for one in dataset.ids:
        os.truncate(dataset.store.path(one, "m"), 140)
    with pytest.raises(TransflowerError, match=r"s\d\.m\.npy: has changed[^\n]*$"):
        list(batches)


def test_state_at_the_end_of_an_epoch_starts_the_next_one_at_its_beginning(dataset):
    loader = WindowLoader(dataset, batch_size=8, training=True)
    _epoch(loader, 4)
    resumed = WindowLoader(dataset, batch_size=8, training=True)
    resumed.load_state_dict(loader.state_dict())
    assert len(_epoch(resumed, 5)) == 7


def test_epoch_that_was_cut_short_does_not_shorten_the_next(dataset):
    loader = WindowLoader(dataset, batch_size=8, training=True)
    next(iter(loader))
    resumed = WindowLoader(dataset, batch_size=8, training=True)
    resumed.load_state_dict(loader.state_dict())
    assert len(_epoch(resumed, 1)) == 7
    assert len(_epoch(loader, 1)) == 7


def test_making_an_iterator_reads_the_epoch_only_with_the_first_batch(dataset):
    loader = WindowLoader(dataset, batch_size=8, training=True)
    early = iter(loader)
    loader.sampler.set_epoch(2)
    torch.testing.assert_close(next(early)["targets"]["m"], _epoch(loader, 2)[0])


def test_loading_draws_nothing_from_the_global_generator(dataset):
    before = torch.get_rng_state()
    _epoch(WindowLoader(dataset, batch_size=8, training=True), 0)
    assert torch.equal(before, torch.get_rng_state())


def test_data_set_without_windows_is_refused(tmp_path):
    layout = WindowLayout(inputs={}, targets={"m": window(0, 1)})
    empty = WindowDataset(Store(tmp_path), {}, layout=layout, streams={}, features={}, fill={})
    with pytest.raises(DataError, match="there is no window to read"):
        WindowLoader(empty, batch_size=2, training=False)
