"""Checking and cleaning files of recordings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic.factories import perform
from transflower.cli import main
from transflower.core.errors import DataError, OptionsError
from transflower.features.motion_faults import check_recordings, clean_recordings
from transflower.formats.bvh import read_bvh, write_bvh
from transflower.formats.format import ReadOptions
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, read_recording
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip

READ = ReadOptions()


@pytest.fixture(scope="module")
def dance() -> Clip:
    """A clean dance of ten seconds."""
    return perform(["step_touch", "grapevine", "kick_step"], tempo=120, seed=0)[0].clip[:300]


@pytest.fixture
def folder(tmp_path, dance) -> Path:
    """A clean recording, one in which an arm flips, one that is cut, in a folder of its own."""
    write_bvh(tmp_path / "takes" / "clean.bvh", dance)
    write_bvh(tmp_path / "takes" / "flip.bvh", flipped(dance))
    write_bvh(tmp_path / "takes" / "more" / "cut.bvh", cut(dance))
    return tmp_path / "takes"


def flipped(clip: Clip) -> Clip:
    rotations, joint = clip.rotations.copy(), clip.skeleton.index("LeftForeArm")
    rotations[150, joint] = rot.multiply(rotations[150, joint], rot.from_expmap(np.array([2.9, 0, 0])))
    return replace(clip, rotations=rotations)


def cut(clip: Clip) -> Clip:
    root = clip.translations[0].copy()
    root[120:] += [2.0, 0, 0]
    return replace(clip, translations={0: root})


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_faults_are_told_with_file_and_second(folder):
    report = check_recordings([folder], READ, jobs=1)
    assert str(report) == (
        f"{folder}/flip.bvh: flips: 5.00 s: 'LeftForeArm' by 166 degrees flips\n"
        f"{folder}/more/cut.bvh: cuts: 4.00 s: the whole body leaps by 2.00 m\n"
        "3 recordings; found: cuts in 1, flips in 1"
    )


def test_what_was_asked_for_is_mended_in_new_files_and_the_rest_is_copied(folder, tmp_path, dance):
    before, out = files(folder), tmp_path / "new" / "out"
    report = clean_recordings([folder], out, ["flips"], READ, jobs=1)
    assert files(folder) == before
    after = files(out)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"flip.bvh"}
    assert "mended: flips in 1" in str(report)
    again, original = read_bvh(out / "flip.bvh"), read_bvh(folder / "flip.bvh")
    assert again.layout == original.layout
    assert np.degrees(rot.angle_between(again.clip.rotations, dance.rotations)).max() < 20


def test_parts_of_a_cut_take_are_files_and_say_when_they_begin(folder, tmp_path):
    out = tmp_path / "out"
    report = clean_recordings([folder], out, ["cuts", "flips"], READ, jobs=1)
    assert sorted(files(out)) == ["clean.bvh", "flip.bvh", "more/cut_part1.bvh", "more/cut_part2.bvh"]
    assert f"{out}/more/cut_part2.bvh begins at 4.00 s of {folder}/more/cut.bvh" in str(report)
    assert [read_bvh(out / "more" / f"cut_part{n}.bvh").clip.num_frames for n in (1, 2)] == [120, 180]


@pytest.mark.parametrize("kind", ["npz", "vrma"])
def test_other_formats_stay_what_they_are(tmp_path, dance, kind):
    path = tmp_path / f"dance{FORMATS[kind].suffixes[0]}"
    FORMATS[kind].write(path, Recording(clip=flipped(dance)))
    clean_recordings([path], tmp_path / "out", ["flips"], READ, jobs=1)
    assert check_recordings([tmp_path / "out" / path.name], READ, jobs=1).has_faults is False
    assert read_recording(tmp_path / "out" / path.name).clip.num_frames == 300


def test_the_true_rate_is_written(folder, tmp_path):
    clean_recordings([folder / "clean.bvh"], tmp_path / "out", ["flips"], ReadOptions(fps=60.0), jobs=1)
    assert read_bvh(tmp_path / "out" / "clean.bvh").clip.fps == 60


def test_files_that_are_there_and_originals_are_left_alone(folder, tmp_path):
    with pytest.raises(DataError, match="is an original; choose another --out"):
        clean_recordings([folder], folder, ["flips"], READ, overwrite=True, jobs=1)
    clean_recordings([folder], tmp_path / "out", ["flips"], READ, jobs=1)
    with pytest.raises(DataError, match="is there already; add --overwrite"):
        clean_recordings([folder], tmp_path / "out", ["flips"], READ, jobs=1)
    clean_recordings([folder], tmp_path / "out", ["flips"], READ, overwrite=True, jobs=1)


def test_two_recordings_that_would_become_one_file_are_refused(folder, tmp_path, dance):
    write_bvh(tmp_path / "others" / "clean.bvh", dance)
    with pytest.raises(DataError, match=r"would both become .*clean\.bvh"):
        clean_recordings([folder, tmp_path / "others"], tmp_path / "out", ["flips"], READ, jobs=1)
    assert not (tmp_path / "out").exists()


def test_what_is_left_is_told_and_not_called_mended(tmp_path, dance):
    rotations, joint = flipped(dance).rotations.copy(), dance.skeleton.index("RightForeArm")
    rotations[200:, joint] = rot.multiply(rotations[200:, joint], rot.from_expmap(np.array([2.9, 0, 0])))
    write_bvh(tmp_path / "a.bvh", replace(dance, rotations=rotations))
    told = str(clean_recordings([tmp_path / "a.bvh"], tmp_path / "out", ["flips"], READ, jobs=1)).splitlines()
    assert told[1].startswith("  - flips: 5.00 s: 'LeftForeArm'")
    assert told[2].startswith("  - left: flips: 6.67 s: 'RightForeArm'")
    assert told[3] == "1 recordings; mended: nothing; left: flips in 1"
    once_more = clean_recordings([tmp_path / "out"], tmp_path / "again", ["flips"], READ, jobs=1)
    assert files(tmp_path / "again") == files(tmp_path / "out")
    assert str(once_more).splitlines()[-1] == "1 recordings; mended: nothing; left: flips in 1"


def test_parts_replace_no_file_unasked_and_none_of_another_recording(folder, tmp_path, dance):
    out = tmp_path / "out"
    (out / "more").mkdir(parents=True)
    (out / "more" / "cut_part2.bvh").write_text("mine")
    with pytest.raises(DataError, match=r"cut_part2\.bvh is there already; add --overwrite"):
        clean_recordings([folder], out, ["cuts"], READ, jobs=1)
    assert list(files(out).values()) == [b"mine"]
    write_bvh(folder / "more" / "cut_part2.bvh", dance)
    report = clean_recordings([folder], out, ["cuts"], READ, overwrite=True, jobs=1)
    assert len(report.problems) == 1
    assert "a part of it and" in report.problems[0]
    assert sorted(files(out)) == ["clean.bvh", "flip.bvh", "more/cut_part2.bvh"]
    assert (out / "more" / "cut_part2.bvh").read_bytes() == (folder / "more" / "cut_part2.bvh").read_bytes()


def test_nothing_of_an_earlier_cleaning_stays_beside_a_later_one(folder, tmp_path):
    out, again = tmp_path / "out", {"overwrite": True, "jobs": 1}
    clean_recordings([folder], out, ["cuts"], READ, jobs=1)
    clean_recordings([folder], out, ["flips"], READ, **again)
    assert sorted(files(out)) == ["clean.bvh", "flip.bvh", "more/cut.bvh"]
    clean_recordings([folder], out, ["cuts"], READ, **again)
    assert sorted(files(out)) == ["clean.bvh", "flip.bvh", "more/cut_part1.bvh", "more/cut_part2.bvh"]


def test_a_part_keeps_the_end_of_its_files_name(folder, tmp_path):
    (folder / "more" / "cut.bvh").rename(folder / "more" / "Cut.BVH")
    clean_recordings([folder / "more"], tmp_path / "out", ["cuts"], READ, jobs=1)
    assert sorted(files(tmp_path / "out")) == ["Cut_part1.BVH", "Cut_part2.BVH"]


def test_a_kind_that_is_none_is_refused(folder, tmp_path):
    with pytest.raises(OptionsError, match="'shoes' is nothing that can be mended"):
        clean_recordings([folder], tmp_path / "out", ["shoes"], READ, jobs=1)


def test_the_commands_tell_by_their_exit_code(folder, tmp_path, capsys):
    assert main(["motion", "check", str(folder / "clean.bvh"), "--jobs", "1"]) == 0
    assert "found: nothing" in capsys.readouterr().out
    assert main(["motion", "check", str(folder), "--jobs", "1"]) == 2
    clean = ["motion", "clean", str(folder), "--out", str(tmp_path / "out"), "--mend", "cuts,flips", "--jobs", "1"]
    assert main(clean) == 0
    assert main(["motion", "check", str(tmp_path / "out"), "--jobs", "1"]) == 0
    (folder / "bad.bvh").write_text("HIERARCHY\nnothing")
    assert main(["motion", "check", str(folder), "--jobs", "1"]) == 2
    assert "bad.bvh" in capsys.readouterr().err
