import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.data.factories import ramp, window, write_folder
from transflower.core.spans import StreamSpec
from transflower.data.dataset import WindowDataset
from transflower.data.store import Store
from transflower.data.windows import WindowLayout

MEAN = np.array([-7.0, -8.0], np.float32)
SILENCE = np.array([-1.0, -2.0, -3.0], np.float32)


def _dataset(folder, lengths, layout, fill=None, streams=None):
    streams = streams or {"motion": StreamSpec(dim=2), "audio": StreamSpec(dim=3)}
    names = {name: (name,) for name in streams}
    return WindowDataset(
        Store(folder), lengths, layout=layout, streams=streams, features=names, fill=fill or {}, seed=5
    )


def _write(folder, lengths):
    arrays = {
        one: {"motion": ramp(n + 2, start=100 * int(one)), "audio": ramp(n, 3, start=100 * int(one))}
        for one, n in lengths.items()
    }
    return write_folder(folder, arrays)


history = st.tuples(st.integers(-6, -1), st.integers(1, 6)).filter(lambda span: sum(span) <= 0)
music = st.tuples(st.integers(-6, 6), st.integers(1, 6))


@given(
    frames=st.lists(st.integers(12, 20), min_size=1, max_size=3),
    motion=history,
    audio=music,
    target=st.integers(1, 3),
    positions=st.integers(1, 4),
    padding=st.booleans(),
)
def test_windows_equal_a_slow_formula(frames, motion, audio, target, positions, padding):
    layout = WindowLayout(
        inputs={"motion": window(*motion), "audio": window(*audio)},
        targets={"motion": window(0, target)},
        positions=positions,
        padding=padding,
    )
    lengths = {str(i): n for i, n in enumerate(frames) if layout.count(n)}

    def value(i, frame, column, row):
        return 100 * i + frame + column / 10 if 0 <= frame < frames[i] else row[column]

    expected = []
    for i, n in enumerate(frames):
        for p in range(-30, 40):
            target_frames = range(p, p + target + positions - 1)
            motion_frames = range(p + motion[0], p + sum(motion) + positions - 1)
            audio_frames = range(p + audio[0], p + sum(audio) + positions - 1)
            needed = [*target_frames] if padding else [*target_frames, *motion_frames, *audio_frames]
            if all(0 <= frame < n for frame in needed):
                expected.append((
                    [[value(i, frame, column, MEAN) for column in range(2)] for frame in motion_frames],
                    [[value(i, frame, column, SILENCE) for column in range(3)] for frame in audio_frames],
                    [[value(i, frame, column, MEAN) for column in range(2)] for frame in target_frames],
                ))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        dataset = _dataset(_write(Path(folder), lengths), lengths, layout, {"motion": MEAN, "audio": SILENCE})
        assert len(dataset) == len(expected)
        if expected:
            batch = dataset.batch(range(len(dataset)))
            for found, wanted in zip(
                (batch["inputs"]["motion"], batch["inputs"]["audio"], batch["targets"]["motion"]),
                zip(*expected, strict=True),
                strict=True,
            ):
                np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.fixture
def padded(tmp_path):
    lengths = {"0": 9, "1": 5}
    layout = WindowLayout(inputs={"motion": window(-3, 3), "audio": window(-2, 4)}, targets={"motion": window(0, 1)})
    return _dataset(_write(tmp_path, lengths), lengths, layout, {"motion": MEAN})


def test_first_target_sees_the_mean_pose_and_the_edge_of_undescribed_music(padded):
    first = padded[0]
    assert first["targets"]["motion"][0, 0] == 0
    assert (first["inputs"]["motion"].numpy() == MEAN).all()
    assert first["inputs"]["audio"][:, 0].tolist() == [0, 0, 0, 1]
    last = padded[8]
    assert last["targets"]["motion"][0, 0] == 8
    assert last["inputs"]["audio"][:, 0].tolist() == [6, 7, 8, 8]


def test_input_wholly_beyond_the_recording_is_filled(tmp_path):
    lengths = {"0": 3}
    layout = WindowLayout(inputs={"audio": window(5, 2)}, targets={"motion": window(0, 1)})
    dataset = _dataset(_write(tmp_path, lengths), lengths, layout)
    assert dataset[0]["inputs"]["audio"][:, 0].tolist() == [2, 2]


def test_items_are_rows_of_batches(padded):
    batch = padded.batch([13, 0, 9])
    assert batch["inputs"]["motion"].shape == (3, 3, 2)
    for row, index in enumerate((13, 0, 9)):
        torch.testing.assert_close(padded[index]["inputs"]["audio"], batch["inputs"]["audio"][row])
    assert padded.place(9) == ("1", 0)
    torch.testing.assert_close(padded[-1], padded[13])


def test_windows_end_where_the_data_set_ends(padded):
    assert len(list(padded)) == len(padded) == 14
    for outside in (14, -15):
        with pytest.raises(IndexError):
            padded[outside]


@pytest.mark.parametrize("dtype", ("float64", "float16", "int16", ">f4"))
def test_any_type_is_read_as_float32(tmp_path, dtype):
    write_folder(tmp_path, {"a": {"motion": np.asarray(np.arange(8).reshape(4, 2), dtype)}})
    layout = WindowLayout(inputs={}, targets={"motion": window(0, 2)})
    batch = _dataset(tmp_path, {"a": 4}, layout).batch([1])
    assert batch["targets"]["motion"].dtype == torch.float32
    assert batch["targets"]["motion"].tolist() == [[[2, 3], [4, 5]]]


def test_modalities_without_time(tmp_path):
    arrays = {
        one: {
            "motion": ramp(6),
            "style": np.array([i, 2 * i], np.uint8),
            "genre": np.array([[0.5 + i, 1]]),
            "choice": np.arange(100)[:, None, None] + 1000 * i,
            "phase": np.full((6, 1), i, np.float64),
        }
        for i, one in enumerate("ab")
    }
    streams = {
        "motion": StreamSpec(dim=2),
        "style": StreamSpec(dim=1, kind="categorical", num_classes=3),
        "genre": StreamSpec(dim=2),
        "choice": StreamSpec(dim=1),
        "phase": StreamSpec(dim=1, kind="categorical", num_classes=2),
    }
    layout = WindowLayout(
        inputs={
            "style": window(0, 2, mode="single"),
            "genre": window(0, 3, mode="tile"),
            "choice": window(0, 1, mode="single"),
            "phase": window(0, 2),
        },
        targets={"motion": window(0, 1)},
        positions=2,
    )
    dataset = _dataset(write_folder(tmp_path, arrays), {"a": 6, "b": 6}, layout, streams=streams)
    inputs = dataset.batch([0, 5])["inputs"]
    assert {name: tuple(tensor.shape) for name, tensor in inputs.items()} == {
        "style": (2, 2, 1), "genre": (2, 4, 2), "choice": (2, 1, 1), "phase": (2, 3, 1),
    }  # fmt: skip
    assert inputs["style"].tolist() == [[[0], [0]], [[1], [2]]]
    assert inputs["genre"][1].tolist() == [[1.5, 1]] * 4
    assert inputs["style"].dtype == inputs["phase"].dtype == torch.int64
    assert 0 <= inputs["choice"][0] < 100
    assert 1000 <= inputs["choice"][1] < 1100


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_row_is_repeated_whatever_its_type(tmp_path, dtype):
    write_folder(tmp_path, {"a": {"motion": ramp(6), "style": np.array([[3.0]], dtype)}})
    layout = WindowLayout(inputs={"style": window(0, 3, mode="tile")}, targets={"motion": window(0, 1)}, positions=2)
    streams = {"motion": StreamSpec(dim=2), "style": StreamSpec(dim=1)}
    dataset = _dataset(tmp_path, {"a": 6}, layout, streams=streams)
    assert dataset.batch([0])["inputs"]["style"].flatten().tolist() == [3.0] * 4


def test_alternatives_follow_from_seed_epoch_and_window(tmp_path):
    write_folder(tmp_path, {"a": {"motion": ramp(40), "choice": np.arange(1000)[:, None, None]}})
    layout = WindowLayout(inputs={"choice": window(0, 1, mode="single")}, targets={"motion": window(0, 1)})
    streams = {"motion": StreamSpec(dim=2), "choice": StreamSpec(dim=1)}
    dataset = _dataset(tmp_path, {"a": 40}, layout, streams=streams)

    def drawn(windows, epoch):
        return dataset.batch(windows, epoch=epoch)["inputs"]["choice"].flatten().tolist()

    assert drawn([3, 8], 1) == drawn([3, 8], 1) == drawn([8, 3], 1)[::-1]
    assert len(set(drawn(range(40), 1))) > 30
    assert drawn(range(40), 1) != drawn(range(40), 2)
