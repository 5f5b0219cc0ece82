import json
import os

import numpy as np
import pytest

from tests.data.factories import write_folder
from transflower.cli import main
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.data.moves_extraction import MovesExtraction, extract_moves

IDS = [f"song{number}" for number in range(6)]


def dance(number: int) -> np.ndarray:
    """Alternately two ways of moving."""
    motion = np.zeros((120, 3), np.float32)
    motion[:, number % 2] = np.sin(np.arange(120) * 0.9 + number)
    return motion


@pytest.fixture
def folder(tmp_path):
    write_folder(tmp_path, {one: {"motion": dance(number)} for number, one in enumerate(IDS)}, {"train": IDS[:4]})
    (tmp_path / "motion.json").write_text(json.dumps({"kind": "motion", "fps": 10}))
    return tmp_path


def options(folder, **changes):
    return MovesExtraction(**{"folder": folder, "kinds": 2, "seconds": 2.0, **changes})


def kinds(folder, one, name="moves"):
    return np.load(folder / f"{one}.{name}.npy")


def test_every_sequence_gets_the_kind_of_each_frame(folder):
    report = extract_moves(options(folder))
    found = [kinds(folder, one) for one in IDS]
    assert all(rows.shape == (120, 1) for rows in found)
    first = [int(rows[0, 0]) for rows in found]
    assert first == [first[0], 1 - first[0]] * 3
    assert "moves of 6 sequences written" in str(report)
    sidecar = json.loads((folder / "moves.json").read_text())
    assert (sidecar["kind"], sidecar["fps"], sidecar["of"], sidecar["frames"]) == ("moves", 10, "motion", 20)


def test_kinds_are_learnt_from_the_training_split_alone(folder):
    extract_moves(options(folder))
    before = (folder / "moves.json").read_bytes()
    np.save(folder / "song5.motion.npy", 100 * dance(1))
    extract_moves(options(folder, overwrite=True))
    assert (folder / "moves.json").read_bytes() == before
    (folder / "base_filenames_train.txt").unlink()
    extract_moves(options(folder, overwrite=True))
    assert (folder / "moves.json").read_bytes() != before


def test_new_sequences_get_kinds_that_are_known_already(folder):
    extract_moves(options(folder))
    before, written = (folder / "moves.json").read_bytes(), (folder / "song0.moves.npy").stat().st_mtime_ns
    np.save(folder / "new.motion.npy", dance(0))
    report = extract_moves(options(folder))
    assert (report.written, report.skipped) == (1, 6)
    assert kinds(folder, "new")[0, 0] == kinds(folder, "song0")[0, 0]
    assert (folder / "moves.json").read_bytes() == before
    assert (folder / "song0.moves.npy").stat().st_mtime_ns == written


def test_kinds_of_motion_that_has_changed_are_found_again(folder):
    extract_moves(options(folder))
    before = kinds(folder, "song0").copy()
    np.save(folder / "song0.motion.npy", dance(1))
    now = (folder / "song0.moves.npy").stat().st_mtime
    os.utime(folder / "song0.motion.npy", (now + 1, now + 1))
    assert extract_moves(options(folder)).written == 1
    assert kinds(folder, "song0")[0, 0] != before[0, 0]
    (folder / "moves.json").unlink()
    assert extract_moves(options(folder)).written == 6, "arrays without a sidecar may be of any kinds"


def test_motion_without_a_sidecar_needs_its_rate(folder):
    (folder / "motion.json").unlink()
    with pytest.raises(DataError, match=r"motion\.json is missing or lacks the frames per second; .*--fps"):
        extract_moves(options(folder))
    assert extract_moves(options(folder, fps=10.0)).written == 6
    assert json.loads((folder / "moves.json").read_text())["fps"] == 10
    assert main(["extract", "moves", str(folder), "--fps", "10", "--name", "again", "--kinds", "2"]) == 0


def test_a_rate_that_contradicts_the_sidecar_is_refused(folder):
    with pytest.raises(DataError, match=r"motion\.json says 10 frames per second, not 30"):
        extract_moves(options(folder, fps=30.0))


@pytest.mark.parametrize("array", (np.zeros(5), np.zeros((120, 4)), np.full((120, 3), np.nan), np.zeros((0, 3))))
def test_motion_of_another_shape_is_named(folder, array):
    np.save(folder / "song2.motion.npy", array)
    with pytest.raises(FormatError, match=r"song2\.motion\.npy: with shape .* does not hold frames of 3"):
        extract_moves(options(folder))


def test_motion_that_memory_cannot_hold_is_refused(folder, monkeypatch):
    monkeypatch.setattr("transflower.core.memory.machine_memory", lambda: 10_000)
    with pytest.raises(OptionsError, match=r"learning kinds from 4 sequences would need .*base_filenames_train\.txt"):
        extract_moves(options(folder))


def test_what_cannot_be_done_is_refused(folder):
    with pytest.raises(DataError, match="holds no ID\\.dance\\.npy"):
        extract_moves(options(folder, of="dance"))
    with pytest.raises(DataError, match=r"motion\.json"):
        extract_moves(options(folder, name="motion"))
    with pytest.raises(DataError, match="too few for 5000 moves"):
        extract_moves(options(folder, kinds=5000))
    with pytest.raises(OptionsError, match="2 kinds"):
        options(folder, kinds=1)
    assert not (folder / "moves.json").exists()
