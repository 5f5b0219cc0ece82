"""Folders of recordings become features of motion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.features.extraction.extracted import OPTIONS, assert_holds, files, sidecar_of
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, OptionsError
from transflower.features.extraction.motion import MotionExtraction, extract_motion, extract_motion_of
from transflower.features.extraction.sources import Source
from transflower.formats.bvh import BvhLayout, read_bvh, write_bvh
from transflower.motion.mirror import mirror
from transflower.motion.resample import resample


@pytest.mark.parametrize("jobs", [1, 2])
def test_features_of_a_folder_decode_to_its_recordings(recordings, out, jobs):
    report = extract_motion([recordings], out, MotionExtraction(jobs=jobs))
    assert (report.written, report.skipped) == (3, 0)
    assert files(out) == ["a.motion.npy", "b.motion.npy", "c.motion.npy", "motion.json"]
    for name in "abc":
        assert_holds(out, name, read_bvh(recordings / f"{name}.bvh").clip)


def test_recordings_are_resampled(recordings, out):
    extract_motion([recordings / "a.bvh"], out, replace(OPTIONS, fps=20.0))
    assert sidecar_of(out).fps == 20
    assert_holds(out, "a", resample(read_bvh(recordings / "a.bvh").clip, 20.0))


def test_the_representation_and_the_name_are_chosen(recordings, out):
    extract_motion([recordings], out, replace(OPTIONS, representation="rot6d", name="poses"))
    assert files(out) == ["a.poses.npy", "b.poses.npy", "c.poses.npy", "poses.json"]
    assert np.load(out / "a.poses.npy").shape == (20, 11 * 6 + 6)


def test_mirrored_twins_are_written_beside(recordings, out):
    report = extract_motion([recordings / "b.bvh"], out, replace(OPTIONS, mirror=True))
    assert report.written == 1
    assert files(out) == ["b.motion.npy", "b_mirrored.motion.npy", "motion.json"]
    assert_holds(out, "b_mirrored", mirror(read_bvh(recordings / "b.bvh").clip))


def test_only_chosen_joints_are_kept(recordings, out):
    extract_motion([recordings], out, replace(OPTIONS, joints=("Hips", "LeftFoot", "RightFoot")))
    assert sidecar_of(out).skeleton.names == ("Hips", "LeftFoot", "RightFoot")


def test_a_joint_that_moves_in_any_recording_has_columns_in_all(recordings, out):
    moving = make_clip(10, moving=("Head",), seed=7)
    write_bvh(recordings / "d.bvh", moving)
    extract_motion([recordings], out, OPTIONS)
    assert np.load(out / "a.motion.npy").shape == (20, 11 * 3 + 3 + 6)
    assert_holds(out, "d", read_bvh(recordings / "d.bvh").clip)
    assert_holds(out, "a", read_bvh(recordings / "a.bvh").clip)


def test_the_mirror_image_of_a_moving_joint_has_columns_too(tmp_path, out):
    write_bvh(tmp_path / "a.bvh", make_clip(20, moving=("LeftHand",)))
    extract_motion([tmp_path / "a.bvh"], out, replace(OPTIONS, mirror=True))
    assert_holds(out, "a_mirrored", mirror(read_bvh(tmp_path / "a.bvh").clip))


def test_good_files_are_written_and_all_bad_ones_listed(recordings, out):
    (recordings / "0_empty.bvh").touch()
    text = (recordings / "a.bvh").read_text()
    (recordings / "x_cut.bvh").write_text(text[: text.rindex(" ")])
    (recordings / "y_skeleton.bvh").write_text(text[: text.index("MOTION")])
    with pytest.raises(DataError) as caught:
        extract_motion([recordings], out, OPTIONS)
    message = str(caught.value)
    assert "3 recordings written" in message
    assert "3 of 6 recordings could not be used" in message
    for name in ("0_empty.bvh", "x_cut.bvh", "y_skeleton.bvh"):
        assert str(recordings / name) in message
    assert files(out) == ["a.motion.npy", "b.motion.npy", "c.motion.npy", "motion.json"]


def test_nothing_appears_where_no_file_is_usable(tmp_path, out):
    (tmp_path / "a.bvh").write_text("HIERARCHY\nROOT")
    with pytest.raises(DataError, match=r"a\.bvh, line 2") as caught:
        extract_motion([tmp_path / "a.bvh"], out, OPTIONS)
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_two_skeletons_are_refused_with_both_files_and_the_joint_and_nothing_is_written(recordings, out):
    other = make_skeleton()
    renamed = replace(other, names=("Hips", "Torso", *other.names[2:]))
    write_bvh(recordings / "d.bvh", make_clip(5, skeleton=renamed))
    (recordings / "e.bvh").touch()
    with pytest.raises(DataError) as caught:
        extract_motion([recordings], out, OPTIONS)
    for part in ("d.bvh: joint 1 is 'Torso'", "instead of 'Spine'", "a.bvh", "e.bvh: is empty"):
        assert part in str(caught.value)
    assert not out.exists()


def test_other_bones_are_reported(recordings, out):
    skeleton = make_skeleton()
    offsets = skeleton.offsets.copy()
    offsets[4] *= 1.2
    write_bvh(recordings / "d.bvh", make_clip(5, skeleton=replace(skeleton, offsets=offsets)))
    report = extract_motion([recordings], out, OPTIONS)
    assert any("1 of 4" in note and "0.10 m" in note and "'LeftHand'" in note for note in report.notes)


def test_all_files_are_read_in_the_unit_and_with_the_axis_of_the_first(recordings, out):
    """A child among adults, in the same studio's centimetres, stays a child."""
    skeleton = make_skeleton()
    small = replace(skeleton, offsets=skeleton.offsets * 0.1)
    write_bvh(recordings / "d.bvh", make_clip(5, skeleton=small), layout=BvhLayout())
    report = extract_motion([recordings], out, OPTIONS)
    assert any(
        "Y is up" in note and "a unit of the files is 0.01 m" in note and "a.bvh" in note for note in report.notes
    )
    assert any("in 1 of 4 recordings the body is not between 1.2 and 2.3 m" in note for note in report.notes)
    assert any(("1 of 4" in note and "'RightFoot'" in note) or "'LeftFoot'" in note for note in report.notes)


def test_remarks_of_the_reader_are_reported_once(recordings, out):
    text = (recordings / "a.bvh").read_text()
    (recordings / "a.bvh").write_text(text.replace("Frames: 20", "Frames: 25"))
    report = extract_motion([recordings], out, OPTIONS)
    assert sum("announces 25 frames" in note for note in report.notes) == 1


def test_a_twin_with_the_id_of_a_recording_is_refused(recordings, out):
    write_bvh(recordings / "a_mirrored.bvh", make_clip(5))
    with pytest.raises(DataError, match=r"a_mirrored\.bvh has the id of the mirrored .*a\.bvh"):
        extract_motion([recordings], out, replace(OPTIONS, mirror=True))
    assert not out.exists()


def test_a_single_frame_is_a_recording(tmp_path, out):
    write_bvh(tmp_path / "pose.bvh", make_clip(1))
    extract_motion([tmp_path / "pose.bvh"], out, replace(OPTIONS, fps=20.0))
    assert np.load(out / "pose.motion.npy").shape == (1, 39)


def test_a_file_for_a_folder_is_refused(recordings, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(DataError, match="out is a file"):
        extract_motion([recordings], tmp_path / "out", OPTIONS)


def test_a_sidecar_of_sound_is_refused(recordings, out):
    out.mkdir(parents=True)
    (out / "motion.json").write_text('{"kind": "audio", "fps": 30, "names": [], "silence": []}')
    with pytest.raises(DataError, match="describes audio features"):
        extract_motion([recordings], out, OPTIONS)


def test_a_joint_that_is_not_there_is_named(recordings, out):
    with pytest.raises(DataError, match=r"a\.bvh: no joint is called 'Tail'"):
        extract_motion([recordings], out, replace(OPTIONS, joints=("Hips", "Tail")))
    assert not out.exists()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"fps": 0.0}, "fps"),
        ({"fps": float("nan")}, "fps"),
        ({"representation": "rot5d"}, "rot5d"),
        ({"unit": "miles"}, "miles"),
        ({"up": "w"}, "up axis"),
        ({"source_fps": 0.0}, "source_fps"),
        ({"source_fps": float("nan")}, "source_fps"),
        ({"name": "../motion"}, "feature name"),
    ],
)
def test_options_that_mean_nothing_are_refused(changes, place):
    with pytest.raises((OptionsError, DataError), match=place):
        MotionExtraction(**changes)


@pytest.mark.real_data
def test_a_real_folder_of_one_skeleton_is_extracted_whole(real_data_dir, out):
    folders: dict[Path, int] = {}
    for path in real_data_dir.rglob("*.bvh"):
        folders[path.parent] = folders.get(path.parent, 0) + 1
    folder = max(folders, key=lambda folder: folders[folder])
    report = extract_motion([folder], out, MotionExtraction(mirror=True))
    assert report.written == folders[folder]
    for array in out.glob("*.npy"):
        assert np.isfinite(np.load(array)).all()


def test_each_recording_may_have_a_rate_and_a_span_of_its_own(tmp_path):
    write_bvh(tmp_path / "a.bvh", make_clip(120, fps=120.0))
    whole = Source("whole", tmp_path / "a.bvh")
    sources = [
        whole,
        replace(whole, sequence_id="slow", fps=60.0),
        replace(whole, sequence_id="end", span=(0.5, None)),
        replace(whole, sequence_id="middle", fps=60.0, span=(0.5, 1.5)),
    ]
    extract_motion_of(sources, tmp_path / "out", MotionExtraction(jobs=1))
    rows = {one.sequence_id: np.load(tmp_path / f"out/{one.sequence_id}.motion.npy") for one in sources}
    assert {name: len(array) for name, array in rows.items()} == {"whole": 30, "slow": 60, "end": 15, "middle": 30}
    np.testing.assert_allclose(rows["end"][1:], rows["whole"][16:], atol=1e-5)
    with pytest.raises(DataError, match=r"a\.bvh: lasts 1 seconds, and shall count from second 3 on"):
        extract_motion_of([replace(whole, span=(3.0, None))], tmp_path / "none", MotionExtraction(jobs=1))
