"""What is changed is changed in the same way again, and a finding can be had again from its folder."""

import contextlib
import random

import numpy as np
import pytest

from tests.fuzzing.folder import listing
from tests.fuzzing.mutations.files import mutate_file
from tests.fuzzing.mutations.words import mutate_words

CONTENTS = {
    "a.bvh": b"HIERARCHY\nROOT Hips\n{\n OFFSET 0 0 0\n}\n",
    "a.json": b'{"kind": "audio", "fps": 20, "names": ["a", "b"]}',
    "a.yaml": b"model:\n  width: 8\n  layers: [1, 2]\n",
    "a.txt": b"one\ntwo\n",
    "a.wav": bytes(range(200)),
}


@pytest.fixture
def write(tmp_path):
    def write(name):
        path = tmp_path / name
        path.write_bytes(CONTENTS[name])
        return path

    return write


@pytest.mark.parametrize("name", CONTENTS)
def test_most_changes_change_something_and_the_same_seed_changes_the_same(write, tmp_path, name):
    def changed(seed):
        path = write(name)
        mutate_file(random.Random(seed), path)
        found = listing(tmp_path)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        return str(found)

    path = write(name)
    before = str(listing(tmp_path))
    path.unlink()
    first = [changed(seed) for seed in range(40)]
    assert first == [changed(seed) for seed in range(40)]
    assert sum(one != before for one in first) > 30
    assert len(set(first)) > 20


def test_arrays_stay_arrays_mostly(tmp_path):
    path, readable = tmp_path / "a.npy", 0
    for seed in range(40):
        np.save(path, np.zeros((4, 2), np.float32))
        done = mutate_file(random.Random(seed), path)
        if done == "mutate_npy":
            with contextlib.suppress(Exception):
                np.load(path)
                readable += 1
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    assert readable > 10


def test_options_that_are_spared_are_left_alone():
    options = ["--samples", "--seed", "--out"]
    for seed in range(50):
        words = mutate_words(
            random.Random(seed), ["generate", "x", "--out", "o"], options, files=["x"], spared=["--samples"]
        )
        assert words[0] == "generate"
        assert not any(word.startswith("--samples") for word in words)
