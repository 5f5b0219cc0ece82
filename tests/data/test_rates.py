"""Folders whose features have different rates: 30 frames of motion, 7.5 of tokens and 60 of sound a second."""

import json

import numpy as np
import pytest

from tests.data.factories import ramp, window, write_folder
from transflower.core.errors import DataError, OptionsError
from transflower.data.options import DataConfig
from transflower.data.training_data import TrainingData, open_training_data

FPS = {"motion": 30, "sound": 60, "tokens": 7.5}


@pytest.fixture
def folder(tmp_path):
    arrays = {
        one: {"motion": ramp(40 + extra), "sound": ramp(80 + 2 * extra), "tokens": ramp(-(-(40 + extra) // 4))}
        for one, extra in {"a": 0, "b": 3, "c": 1}.items()
    }
    write_folder(tmp_path, arrays, {"train": ["a", "b"], "val": ["c"]})
    for name in ("motion", "sound"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"fps": FPS[name]}))
    return tmp_path


def opened(folder, *, positions: int = 8, **options) -> TrainingData:
    return open_training_data(
        DataConfig(folder=folder, **{"fps": {"tokens": 7.5}, **options}),
        inputs={"motion": window(-2, 2), "sound": window(0, 5), "tokens": window(-1, 3)},
        outputs={"motion": window(0, 1)},
        positions=positions,
    )


@pytest.mark.parametrize("padding", [True, False])
def test_windows_hold_the_frames_of_their_positions(folder, padding):
    data = opened(folder, padding=padding)
    first, step = data.train.layout.first_position, data.train.layout.step
    assert (first, step) == (0 if padding else 4, 4)
    assert len(data.val) == (9 if padding else 7)
    for index in range(len(data.val)):
        _, position = data.val.place(index)
        assert position == first + 4 * index
        window_ = data.val[index]
        for name, start, length, rate in (("motion", -2, 9, 1), ("sound", 0, 19, 2), ("tokens", -1, 4, 0.25)):
            frames = position * rate + start + np.arange(length)
            known = (frames >= 0) & (frames < np.ceil(41 * rate))
            rows = window_["inputs"][name].numpy()
            assert rows.shape == (length, 2)
            np.testing.assert_array_equal(rows[known, 0], frames[known])
        assert window_["targets"]["motion"][:, 0].tolist() == list(range(position, position + 8))


def test_lengths_are_counted_in_frames_of_the_output(folder):
    data = opened(folder, fix_lengths=False)
    assert data.report.lengths == {"a": 40, "b": 43, "c": 41}
    whole = dict(data.sequences("train"))["b"]
    assert {name: len(rows) for name, rows in whole.items()} == {"motion": 43, "sound": 86, "tokens": 11}
    assert "tokens has 1 frame for every 4 of motion" in str(data.report)
    assert "sound has 2 frames for each of motion" in str(data.report)
    assert (data.stride, data.streams["tokens"].fps) == (2, 7.5)


def test_durations_that_differ_are_reported_in_frames_of_the_output(folder):
    np.save(folder / "a.tokens.npy", ramp(14))
    with pytest.raises(DataError, match=r"a\.tokens\.npy: has 14 frames, but a\.motion\.npy has 40; a gap of 16"):
        opened(folder, fix_lengths=False)
    assert opened(folder).report.lengths["a"] == 40


@pytest.mark.parametrize(
    ("options", "message"),
    (
        ({"positions": 6}, "'tokens' has one frame for every 4 positions.*multiple of 4, got 6"),
        ({"stride": 6}, "data.stride is 6.*a multiple of 4"),
        ({"fps": {"token": 7.5}}, r"data\.fps names 'token' \(did you mean 'tokens'\?\)"),
    ),
)
def test_windows_that_cut_a_frame_are_refused(folder, options, message):
    with pytest.raises(OptionsError, match=message):
        opened(folder, **options)


@pytest.mark.parametrize(
    ("fps", "message"),
    (
        ({}, "frames per second differ .*those of tokens are not known: say them by data.fps.tokens"),
        ({"tokens": 8.0}, "tokens has 8 frames per second and motion 30, neither a multiple of the other"),
        ({"tokens": 7.5, "sound": 30.0}, r"sound\.json: says 60 frames per second, and fps\.sound 30"),
    ),
)
def test_rates_that_do_not_fit_are_refused(folder, fps, message):
    with pytest.raises(DataError, match=message):
        opened(folder, fps=fps)
