"""What is read off recordings reaches the user, and is used."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.cli import main
from transflower.core.errors import DataError
from transflower.features.extraction.findings import grouped
from transflower.features.extraction.motion import MotionExtraction, extract_motion
from transflower.features.extraction.target import Target
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.formats.bvh import BvhLayout, write_bvh
from transflower.formats.registry import read_recording
from transflower.motion import rotations as rot
from transflower.motion.axes import AXES

OPTIONS = MotionExtraction(jobs=1)


def write(
    path: Path, *, t_pose: bool = False, seed: int = 0, layout: BvhLayout | None = None, size: float = 1.0
) -> Path:
    """A dance, behind a T-pose where that is wanted."""
    skeleton = make_skeleton()
    skeleton = replace(skeleton, offsets=skeleton.offsets * size)
    clip = make_clip(40, seed=seed, skeleton=skeleton, degrees=60)
    if t_pose:
        clip.rotations[0, 1:] = rot.IDENTITY
        clip.rotations[1:, 3] = rot.multiply(rot.from_expmap(np.array([0, 0, -1.4])), clip.rotations[1:, 3])
        clip.rotations[1:, 5] = rot.multiply(rot.from_expmap(np.array([0, 0, 1.4])), clip.rotations[1:, 5])
    write_bvh(path, clip, layout=layout)
    return path


def notes_of(path: Path, out: Path, **options) -> str:
    return "\n".join(extract_motion([path], out, replace(OPTIONS, **options)).notes)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("up", AXES)
@pytest.mark.parametrize("rest", ["turned", "y"])
def test_a_body_with_any_axis_up_gives_the_features_of_the_upright_one(tmp_path, up, rest):
    notes = notes_of(write(tmp_path / "y" / "a.bvh"), tmp_path / "upright")
    assert re.search(r"11 joints, 1\.[67]\d m tall, Y is up, 30 frames/s; a unit of the files is 0\.01 m", notes)
    turned = write(tmp_path / "up" / "a.bvh", layout=BvhLayout(up=up, rest="y" if rest == "y" else up))
    assert f"{up.upper()} is up" in notes_of(turned, tmp_path / "out")
    expected, features = (np.load(tmp_path / out / "a.motion.npy") for out in ("upright", "out"))
    np.testing.assert_allclose(features, expected, atol=1e-5)


@pytest.mark.parametrize("flags", [["--up", "-z"], ["--up=-z"], ["--up", "Z-down"]])
def test_an_axis_with_a_dash_can_be_said(tmp_path, flags, capsys):
    path = write(tmp_path / "a.bvh", layout=BvhLayout(up="-z"))
    assert main(["extract", "motion", *flags, str(path), "--jobs", "1", "--out", str(tmp_path / "out")]) == 0
    assert "-Z is up" in capsys.readouterr().out


def test_a_body_that_is_read_with_another_axis_up_than_its_own_is_named(tmp_path):
    write(tmp_path / "bvh" / "a.bvh")
    write(tmp_path / "bvh" / "b.bvh", layout=BvhLayout(up="-y"))
    assert f"in 1 of 2 recordings the body does not stand along the axis that is up: {tmp_path / 'bvh' / 'b.bvh'}" in (
        notes_of(tmp_path / "bvh", tmp_path / "out")
    )


@pytest.mark.parametrize("size", [0.3, 3.0])
def test_a_body_that_is_no_person_in_any_unit_is_named(tmp_path, size):
    path = write(tmp_path / "a.bvh", size=size, layout=BvhLayout(metres_per_unit=1.0))
    notes = notes_of(path, tmp_path / "out", unit="m")
    assert f"in 1 of 1 recordings the body is not between 1.2 and 2.3 m tall: {path} (" in notes


def test_warnings_of_the_reader_about_the_first_recording_reach_the_user(tmp_path):
    skeleton = make_skeleton()
    flat = replace(skeleton, offsets=skeleton.offsets * 0, end_sites={})
    write_bvh(tmp_path / "points.bvh", make_clip(5, skeleton=flat))
    write(tmp_path / "tiny.bvh")
    tiny = re.sub(r"(OFFSET) (\S+) (\S+) (\S+)", r"\1 \2e-200 \3e-200 \4e-200", (tmp_path / "tiny.bvh").read_text())
    (tmp_path / "tiny.bvh").write_text(tiny)
    assert "no bone has a length" in notes_of(tmp_path / "tiny.bvh", tmp_path / "tiny")
    write_bvh(tmp_path / "chain.bvh", make_clip(5, skeleton=make_skeleton(num_joints=3)))
    assert "no bone has a length" in notes_of(tmp_path / "points.bvh", tmp_path / "points")
    notes = notes_of(tmp_path / "chain.bvh", tmp_path / "chain")
    assert notes.count("no body with legs") == 1
    assert "3 joints, no body, Y is up" in notes


@pytest.mark.parametrize(("factor", "scale"), [(100.0, "too high"), (0.01, "(0.01")])
def test_a_root_in_another_unit_than_the_bones_is_named(tmp_path, factor, scale):
    clip = make_clip(60, degrees=20)
    write_bvh(tmp_path / "a.bvh", replace(clip, translations={0: clip.translations[0] * factor}))
    notes = notes_of(tmp_path / "a.bvh", tmp_path / "out")
    assert "the root is in another unit than the bones" in notes
    assert scale in notes


def test_a_root_that_stays_at_the_origin_is_no_fault(tmp_path):
    clip = make_clip(60, degrees=20)
    write_bvh(tmp_path / "a.bvh", replace(clip, translations={0: clip.translations[0] * 0}))
    assert "another unit" not in notes_of(tmp_path / "a.bvh", tmp_path / "out")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0.017", "60 frames/s (0.017 rounded)"),
        ("0.008", "120 frames/s (0.008 rounded)"),
        ("0.0083333", "120 frames/s;"),
    ],
)
def test_a_rounded_frame_time_is_told(tmp_path, written, said):
    path = write(tmp_path / "a.bvh")
    rewrite(path, "Frame Time: 0.0333333333", f"Frame Time: {written}")
    assert said in notes_of(path, tmp_path / "out")


def test_different_frame_rates_are_told(tmp_path):
    for name in "abc":
        write(tmp_path / "bvh" / f"{name}.bvh")
    rewrite(tmp_path / "bvh" / "b.bvh", "Frame Time: 0.0333333333", "Frame Time: 0.02")
    assert "frame rates differ: 30 frames/s in 2, 50 frames/s in 1" in notes_of(tmp_path / "bvh", tmp_path / "out")


def test_the_rate_that_is_given_counts(tmp_path):
    path = write(tmp_path / "a.bvh")
    notes = notes_of(path, tmp_path / "out", source_fps=60.0)
    assert "60 frames/s;" in notes
    assert len(np.load(tmp_path / "out" / "a.motion.npy")) == 20
    rewrite(path, "Frame Time: 0.0333333333", "Frame Time: 33.333")
    with pytest.raises(DataError, match=r"milliseconds, add --source_fps 30"):
        extract_motion([path], tmp_path / "again", OPTIONS)
    assert len(extract_motion([path], tmp_path / "again", replace(OPTIONS, source_fps=30.0)).notes) == 1


def test_arrays_that_were_made_without_the_options_are_made_again(tmp_path):
    path = write(tmp_path / "a.bvh")
    extract_motion([path], tmp_path / "out", OPTIONS)
    whole = np.load(tmp_path / "out" / "a.motion.npy")
    extract_motion([path], tmp_path / "out", replace(OPTIONS, drop_first=True))
    assert len(np.load(tmp_path / "out" / "a.motion.npy")) == len(whole) - 1


def test_a_t_pose_is_told_and_can_be_left_out(tmp_path):
    path = write(tmp_path / "a.bvh", t_pose=True)
    assert "first frame is a T-pose: --drop_first" in notes_of(path, tmp_path / "whole")
    assert "first frame is a T-pose and left out" in notes_of(path, tmp_path / "cut", drop_first=True)
    whole, cut = (np.load(tmp_path / out / "a.motion.npy") for out in ("whole", "cut"))
    assert len(cut) == len(whole) - 1
    np.testing.assert_allclose(cut[1:, -3:], whole[2:, -3:], atol=1e-5)


@pytest.mark.parametrize("held", [2, 5, 31])
def test_a_t_pose_that_is_held_is_left_out_whole(tmp_path, held):
    whole = read_recording(write(tmp_path / "one.bvh", t_pose=True)).clip
    frames = [0] * held + list(range(1, whole.num_frames))
    tracks = {joint: track[frames] for joint, track in whole.translations.items()}
    write_bvh(tmp_path / "a.bvh", replace(whole, rotations=whole.rotations[frames], translations=tracks))
    told = f"first {held} frames are a T-pose and left out"
    assert told in notes_of(tmp_path / "a.bvh", tmp_path / "cut", drop_first=True)
    assert len(np.load(tmp_path / "cut" / "a.motion.npy")) == whole.num_frames - 1


def test_a_still_beginning_is_no_pose_apart(tmp_path):
    clip = read_recording(write(tmp_path / "one.bvh")).clip
    frames = [0] * 20 + list(range(clip.num_frames))
    tracks = {joint: track[frames] for joint, track in clip.translations.items()}
    write_bvh(tmp_path / "a.bvh", replace(clip, rotations=clip.rotations[frames], translations=tracks))
    assert "--drop_first" not in notes_of(tmp_path / "a.bvh", tmp_path / "out")


def test_of_many_recordings_with_a_t_pose_the_first_are_named(tmp_path):
    for name in "abcdef":
        write(tmp_path / "bvh" / f"{name}.bvh", t_pose=name != "b", seed=ord(name))
    notes = notes_of(tmp_path / "bvh", tmp_path / "out")
    assert "in 5 of 6 recordings the movement begins with a pose apart" in notes
    assert "d.bvh (first frame is a T-pose) and 2 more; --drop_first" in notes


def test_a_recording_of_one_frame_has_none_to_leave_out(tmp_path):
    write_bvh(tmp_path / "a.bvh", make_clip(1))
    with pytest.raises(DataError, match=r"a\.bvh: holds one frame only"):
        extract_motion([tmp_path / "a.bvh"], tmp_path / "out", replace(OPTIONS, drop_first=True))


def test_frames_that_flip_are_named(tmp_path):
    clip = make_clip(60, degrees=20)
    clip.rotations[20, 4] = rot.multiply(rot.from_expmap(np.array([0.0, 3.0, 0.0])), clip.rotations[20, 4])
    clip.translations[0][40:] += 2.0
    write_bvh(tmp_path / "a.bvh", clip)
    notes = notes_of(tmp_path / "a.bvh", tmp_path / "out")
    assert "a frame flips" in notes
    assert "(frame 20: 'LeftHand' by 17" in notes
    assert ", and 1 more); motion check lists them all" in notes


def test_a_body_that_jerks_is_named_as_motion_check_names_it(tmp_path):
    clip = make_clip(60, degrees=1)
    clip.translations[0][40:42] += 0.25
    write_bvh(tmp_path / "a.bvh", clip)
    assert "(frame 40: the body jerks by 0.45 m" in notes_of(tmp_path / "a.bvh", tmp_path / "out")


def test_a_value_that_float32_cannot_hold_is_refused_with_frame_and_column(tmp_path):
    clip = make_clip(5)
    sidecar = describe_motion(clip, "expmap")
    clip.translations[0][3, 1] = 1e39
    with pytest.raises(DataError, match="not finite, first in frame 3, column 'Hips_Yposition'"):
        encode_motion(clip, sidecar)
    with pytest.raises(DataError, match="not finite, first in frame 1, column 0"):
        Target(out=tmp_path, name="x", mirror=False, overwrite=False).save("a", np.array([[0.0], [np.inf]]))
    assert not list(tmp_path.iterdir())


def test_remarks_that_differ_in_file_and_numbers_are_told_three_times():
    paths = [Path(f"{name}.bvh") for name in "abcde"]
    remarks = [f"{path}: announces {25 + k} frames" for k, path in enumerate(paths)]
    lines = grouped([*remarks, remarks[0], "other"], paths)
    assert lines == [*remarks[:3], "and 2 more recordings with the same note", "other"]
