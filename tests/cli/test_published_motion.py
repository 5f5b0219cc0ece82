"""Motion as data sets publish it, in every verb that takes motion."""

import json
import pickle

import numpy as np
import pytest

from tests.formats.corpora import finedance_rows, pickled_aist, pickled_frame, pickled_motorica
from transflower.cli import main
from transflower.formats.bvh import read_bvh


@pytest.fixture
def folder(tmp_path):
    """Motion of every kind, beside features and pickles that are none."""
    (tmp_path / "aist.pkl").write_bytes(pickled_aist(12))
    (tmp_path / "motorica.pkl").write_bytes(pickled_motorica(12))
    np.save(tmp_path / "finedance.npy", finedance_rows(12))
    np.save(tmp_path / "one.audio.npy", np.zeros((12, 85), np.float32))
    np.save(tmp_path / "one.motion.npy", finedance_rows(12))
    (tmp_path / "motion.json").write_text(json.dumps({"kind": "audio"}))
    (tmp_path / "sound.pkl").write_bytes(pickled_frame(["MFCC_0"], np.zeros((3, 1))))
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(print))
    return tmp_path


KINDS = {"aist.pkl": 24, "motorica.pkl": 21, "finedance.npy": 52}
"""File -> joints."""


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_converted(folder, name):
    assert main(["convert", str(folder / name), str(folder / "out.bvh")]) == 0
    clip = read_bvh(folder / "out.bvh").clip
    assert (clip.num_frames, clip.skeleton.num_joints) == (12, KINDS[name])


def test_a_folder_is_shown_without_its_features(folder, capsys):
    assert main(["view", str(folder), "--out", str(folder / "page.html"), "--no_open"]) == 0, capsys.readouterr().err
    page = (folder / "page.html").read_text()
    assert all(f'"{name.partition(".")[0]}"' in page or name.partition(".")[0] in page for name in KINDS)


def test_a_folder_is_extracted_without_its_features(folder, capsys):
    out = folder / "out"
    assert main(["extract", "motion", str(folder), "--out", str(out), "--onto", "common", "--jobs", "1"]) == 0
    made = {path.name for path in out.glob("*.npy")}
    assert made == {f"{name.partition('.')[0]}.motion.npy" for name in KINDS}
    told = capsys.readouterr().out
    assert "2 .npy (one.audio.npy, one.motion.npy)" in told
    assert "2 .pkl (evil.pkl, sound.pkl)" in told


def test_a_folder_is_checked_and_cleaned_without_its_features(folder, capsys):
    main(["motion", "check", str(folder), "--jobs", "1"])
    told = capsys.readouterr()
    assert "evil" not in told.out + told.err
    words = ["motion", "clean", str(folder), "--out", str(folder / "clean"), "--mend", "jumps", "--jobs", "1"]
    assert main(words) == 0, capsys.readouterr().err
    assert {path.name.partition(".")[0] for path in (folder / "clean").iterdir()} == {
        name.partition(".")[0] for name in KINDS
    }


@pytest.mark.parametrize("name", ("x.c3d", "x.fbx"))
@pytest.mark.parametrize(
    "words",
    (
        ["extract", "motion", "FILE", "--out", "o"],
        ["convert", "FILE", "o.bvh"],
        ["view", "FILE"],
        ["motion", "check", "FILE"],
    ),
)
def test_other_kinds_of_motion_are_refused_with_what_to_do(tmp_path, capsys, monkeypatch, words, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"x")
    assert main([word.replace("FILE", name) for word in words]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"transflower: error: {name}: ")
    assert ("markers, and no joints" if name == "x.c3d" else "export it as GLB or BVH") in told
    assert [path.name for path in tmp_path.iterdir()] == [name]
