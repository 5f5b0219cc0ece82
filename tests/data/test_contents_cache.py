"""What was measured of arrays is kept beside them."""

import os
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from tests.data.factories import ramp, window, write_folder
from transflower.core import array_file, file_stamp
from transflower.core.errors import DataError, FormatError
from transflower.core.files import CACHE_FOLDER
from transflower.data import measuring
from transflower.data.options import DataConfig
from transflower.data.training_data import open_training_data

WINDOWS = {"inputs": {"motion": window(-4, 4), "audio": window(0, 1)}, "outputs": {"motion": window(0, 1)}}


@pytest.fixture(autouse=True)
def settled(monkeypatch):
    monkeypatch.setattr(file_stamp, "SETTLED_SECONDS", 0.0)


@pytest.fixture
def folder(tmp_path):
    arrays = {one: {"motion": ramp(20, start=i), "audio": ramp(21, 3, start=-i)} for i, one in enumerate("abc")}
    return write_folder(tmp_path / "features", arrays, {"train": ["a", "b"], "val": ["c"]})


@pytest.fixture
def read(monkeypatch):
    """Names of the arrays whose values were looked at, and those whose headers were read."""
    values, headers = [], []
    measure, read_header = measuring.measure, array_file.read_header
    monkeypatch.setattr(
        measuring, "measure", lambda rows, kind, path: (values.append(path.name), measure(rows, kind, path))[1]
    )
    monkeypatch.setattr(
        "transflower.data.store.read_header", lambda path: (headers.append(path.name), read_header(path))[1]
    )

    def names():
        found = sorted(values), sorted(headers)
        values.clear()
        headers.clear()
        return found

    return names


def opened(folder):
    return open_training_data(DataConfig(folder=folder), **WINDOWS)


def is_same(one, other):
    return one.fingerprint == other.fingerprint and all(
        np.array_equal(found.mean, other.statistics[name].mean)
        and np.array_equal(found.std, other.statistics[name].std)
        for name, found in one.statistics.items()
    )


def test_arrays_are_read_once_and_give_the_same_statistics_to_the_bit(folder, read):
    first = opened(folder)
    assert [len(names) for names in read()] == [6, 6]
    assert is_same(first, opened(folder))
    assert read() == ([], [])


def test_only_new_and_changed_arrays_are_read_again(folder, read):
    before = opened(folder)
    read()
    np.save(folder / "d.motion.npy", ramp(20))
    np.save(folder / "d.audio.npy", ramp(20, 3))
    (folder / "base_filenames_train.txt").write_text("a\nb\nd\n")
    times = (folder / "b.motion.npy").stat()
    np.save(folder / "b.motion.npy", ramp(20, start=7))
    os.utime(folder / "b.motion.npy", ns=(times.st_atime_ns, times.st_mtime_ns))  # Set back, and of the same size.
    after = opened(folder)
    assert read() == (["b.motion.npy", "d.audio.npy", "d.motion.npy"],) * 2
    assert before.fingerprint["audio/val"] == after.fingerprint["audio/val"]
    assert before.fingerprint["motion/train"] != after.fingerprint["motion/train"]


def test_array_of_another_common_length_is_read_again(folder, read):
    opened(folder)
    np.save(folder / "a.motion.npy", ramp(18))
    read()
    opened(folder)
    assert read()[0] == ["a.audio.npy", "a.motion.npy"]


def test_only_arrays_that_are_used_are_watched(folder):
    opened(folder)
    (folder / "base_filenames_train.txt").write_text("a\n")
    data = opened(folder)
    (folder / "b.motion.npy").unlink()
    data.train.store.check_unchanged()
    (folder / "a.motion.npy").unlink()
    with pytest.raises(FormatError, match=r"a\.motion\.npy"):
        data.train.store.check_unchanged()


def test_array_that_was_just_written_is_not_kept(folder, read, monkeypatch):
    monkeypatch.setattr(file_stamp, "SETTLED_SECONDS", 60.0)
    opened(folder)
    assert not (folder / CACHE_FOLDER).exists()


def test_bad_values_are_reported_every_time(folder):
    np.save(folder / "a.motion.npy", np.full((20, 2), np.nan, np.float32))
    for _ in range(2):
        with pytest.raises(DataError, match=r"a\.motion\.npy, frame 0: column 0 is nan"):
            opened(folder)


def test_array_that_was_just_written_is_not_kept_however_long_reading_takes(folder, read, monkeypatch):
    clock = [time.time_ns()]
    monkeypatch.setattr(file_stamp, "time", SimpleNamespace(time_ns=lambda: clock[0]))
    monkeypatch.setattr(file_stamp, "SETTLED_SECONDS", 100.0)
    measure = measuring.measure

    def measure_slowly(*given):
        clock[0] += 10**12
        return measure(*given)

    monkeypatch.setattr(measuring, "measure", measure_slowly)
    opened(folder)
    read()
    opened(folder)
    assert "a.motion.npy" in read()[0]


@pytest.mark.parametrize("damage", ("cut", "flipped", "text", "folder", "objects", "short"))
def test_damaged_cache_is_read_over(folder, read, damage):
    first = opened(folder)
    path = folder / CACHE_FOLDER / "motion.contents.npz"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[:-30])
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "text":
        path.write_text("nothing")
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        with np.load(path) as arrays:
            found = dict(arrays)
        found |= {"dtypes": np.array(["|O"] * 3)} if damage == "objects" else {"means": found["means"][:1]}
        np.savez(path, **found)
    read()
    assert is_same(first, opened(folder))
    assert len(read()[0]) == 3


def test_folder_that_cannot_be_written_is_opened_all_the_same(folder):
    (folder / CACHE_FOLDER).write_text("a file where the folder would be")
    assert is_same(opened(folder), opened(folder))


def test_two_that_open_a_folder_at_once_both_write(folder, read):
    threads = [threading.Thread(target=opened, args=[folder]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read()
    opened(folder)
    assert read() == ([], [])
    assert sorted(path.name for path in (folder / CACHE_FOLDER).iterdir()) == [
        "audio.contents.npz",
        "motion.contents.npz",
    ]
