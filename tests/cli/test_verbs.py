"""Each verb hands its options to the room that does the work, and prints what was done."""

from pathlib import Path

import numpy as np
import pytest

from transflower import cli


@pytest.fixture
def features(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for song in "abcdefghij":
        for name, dim in (("motion", 3), ("audio", 2)):
            np.save(folder / f"{song}.{name}.npy", np.random.default_rng(0).standard_normal((40, dim), np.float32))
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_data_split_then_check(features, capsys):
    assert cli.main(["data", "split", str(features), "--val", "0.2", "--test=0.2", "--seed", "3"]) == 0
    lists = {
        split: (features / f"base_filenames_{split}.txt").read_text().split() for split in ("train", "val", "test")
    }
    assert {split: len(ids) for split, ids in lists.items()} == {"train": 6, "val": 2, "test": 2}
    assert cli.main(["data", "check", str(features), "--features", "motion", "audio"]) == 0
    out = capsys.readouterr().out
    assert "10 usable sequences" in out
    assert "no problems" in out


def test_extract_moves(features, capsys):
    (features / "motion.json").write_text('{"kind": "motion", "fps": 10}')
    assert cli.main(["extract", "moves", str(features), "--kinds", "2", "--seconds", "1"]) == 0
    assert "moves of 10 sequences written" in capsys.readouterr().out
    assert np.load(features / "a.moves.npy").shape == (40, 1)


def test_data_check_of_a_folder_with_a_problem_reports_it_and_exits_with_2(features, capsys):
    (features / "a.motion.npy").write_bytes(b"")
    assert cli.main(["data", "check", str(features)]) == 2
    assert "a.motion.npy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data", "split", "DIR", "--val", "0.6", "--test", "0.6"], "val and test must be shares"),
        (["data", "split", "DIR", "--val", "many"], "--val: should be a valid number, got 'many'"),
        (["data", "check", "DIR", "--features", "music"], "music"),
        (["data", "check", "DIR/a.motion.npy"], "a.motion.npy is not a folder"),
        (["extract", "motion", "DIR", "--out", "OUT"], "data"),
        (["extract", "audio", "DIR/nowhere.wav", "--out", "OUT"], "nowhere.wav"),
        (["extract", "motion", "DIR/broken.bvh", "--out", "OUT"], "broken.bvh"),
        (["extract", "audio", "DIR/broken.wav", "--out", "OUT"], "broken.wav"),
        (["extract", "motion", "DIR"], "out: is required"),
        (["extract", "audio", "--out", "OUT"], "paths: is required"),
        (["extract", "audio", "DIR", "--out", "OUT", "--fps", "0"], "fps"),
        (["extract", "moves", "DIR"], "motion.json is missing or lacks the frames per second"),
        (["extract", "moves", "DIR", "--kinds", "0"], "2 kinds"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_writes_nothing(features, tmp_path, capsys, words, message):
    (features / "broken.bvh").touch()
    (features / "broken.wav").touch()
    before = names(features)
    words = [word.replace("DIR", str(features)).replace("OUT", str(tmp_path / "out")) for word in words]
    code = cli.main(words)
    captured = capsys.readouterr()
    assert code == 2
    assert message in captured.err + captured.out
    assert "Traceback" not in captured.err
    assert names(features) == before
    assert not (tmp_path / "out").exists()


def test_extract_makes_a_folder_that_check_and_split_accept(tmp_path, capsys):
    clips, songs, out = tmp_path / "bvh", tmp_path / "wav", tmp_path / "out"
    for folder in (clips, songs):
        folder.mkdir()
    for name in ("one", "two"):
        write_bvh(clips / f"{name}.bvh")
        write_wav(songs / f"{name}.wav")
    assert cli.main(["extract", "motion", str(clips), "--out", str(out), "--fps", "20", "--jobs", "1"]) == 0
    assert cli.main(["extract", "audio", str(songs), "--out", str(out), "--fps", "20", "--jobs", "1"]) == 0
    assert cli.main(["data", "split", str(out), "--val", "0.5", "--test", "0"]) == 0
    assert cli.main(["data", "check", str(out)]) == 0
    assert "no problems" in capsys.readouterr().out
    assert np.load(out / "one.motion.npy").shape[0] == np.load(out / "one.audio.npy").shape[0] == 40


def write_bvh(path: Path) -> None:
    angles = 10 * np.sin(np.arange(41)[:, None] / 5 + np.arange(9))
    rows = "\n".join(" ".join(f"{value:.4f}" for value in [0, 90, 0, *row[:9]]) for row in angles[:40])
    path.write_text(
        "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\n"
        "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
        "JOINT Spine\n{\nOFFSET 0 80 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
        "JOINT Head\n{\nOFFSET 0 60 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
        "End Site\n{\nOFFSET 0 30 0\n}\n}\n}\n}\n"
        f"MOTION\nFrames: 40\nFrame Time: 0.05\n{rows}\n",
        encoding="utf-8",
    )


def write_wav(path: Path) -> None:
    import soundfile

    soundfile.write(path, 0.1 * np.sin(np.arange(2 * 24000) / 20), 24000)
