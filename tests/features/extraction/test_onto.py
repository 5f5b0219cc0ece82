"""Recordings of several skeletons in one folder of features."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.motion.humanoid.bodies import CONVENTIONS, MIXAMO, Body, rebased
from tests.motion.retarget.test_retarget import ARMS, dance, directions
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.features.extraction.motion import MotionExtraction, extract_motion
from transflower.features.motion.codec import decode_motion, first_placement
from transflower.features.sidecar import read_sidecar
from transflower.formats.bvh import read_bvh, write_bvh
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.common_skeleton import common_skeleton
from transflower.motion.humanoid import find_bones
from transflower.motion.kinematics import forward
from transflower.motion.resample import resample
from transflower.motion.skeleton import Skeleton

FPS = 10.0
OPTIONS = MotionExtraction(jobs=1, fps=FPS, onto=Path("common"))
ROBOT = Body(names={bone: f"J{index}" for index, bone in enumerate(Body().build()[1])})
TALL = Body(names=CONVENTIONS["bandai"], legs=1.25, scale=1.1, above=("joint_Root",))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Two dances of one body, one of another."""
    folder = tmp_path_factory.mktemp("made")
    for name, body, seed in (("a", Body(), 0), ("b", Body(), 1), ("c", TALL, 2)):
        write_bvh(folder / f"{name}.bvh", dance(body, 46, seed))
    return folder


@pytest.fixture
def recordings(made, tmp_path) -> Path:
    """The same, in a folder of the test."""
    return Path(shutil.copytree(made, tmp_path / "bvh"))


@pytest.fixture
def out(tmp_path) -> Path:
    """Where features go."""
    return tmp_path / "features"


def raised(clip: Clip, metres: float) -> Clip:
    return replace(clip, translations={**clip.translations, 0: clip.translations[0] + [0, metres, 0]})


def without(skeleton: Skeleton, names: tuple[str, ...]) -> Clip:
    """A still clip of a skeleton that lacks joints and all that hangs from them."""
    kept: list[int] = []
    for joint, parent in enumerate(skeleton.parents):
        if skeleton.names[joint] not in names and (parent < 0 or parent in kept):
            kept.append(joint)
    parents = tuple(kept.index(skeleton.parents[joint]) if joint else -1 for joint in kept)
    cut = Skeleton(tuple(skeleton.names[joint] for joint in kept), parents, skeleton.offsets[kept])
    return Clip(cut, 30.0, rot.identity(90, len(kept)), {0: np.zeros((90, 3))})


def read(out: Path, name: str) -> Clip:
    return decode_motion(np.load(out / f"{name}.motion.npy"), read_sidecar(out / "motion.json"))


def facing_alike(clip: Clip, other: Clip) -> Clip:
    """The clip turned about Y so that its first frame faces as that of the other does."""
    gap = rot.yaw(forward(other)[1][0, find_bones(other.skeleton).joints["hips"]]) - rot.yaw(forward(clip)[1][0, 0])
    turn = rot.from_yaw(np.array(gap))
    rotations = clip.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    return replace(clip, rotations=rotations, translations={0: rot.rotate(turn, clip.translations[0])})


def test_recordings_of_several_skeletons_come_together_on_the_common_one(recordings, out):
    report = extract_motion([recordings], out, replace(OPTIONS, jobs=2))
    assert report.written == 3
    assert read_sidecar(out / "motion.json").skeleton.to_dict() == common_skeleton().to_dict()
    assert "2 kinds of skeletons are put on that of common, of 22 joints" in report.notes
    assert any("a.bvh and 1 more: 22 joints" in note for note in report.notes)
    for name in "abc":
        clip = resample(read_bvh(recordings / f"{name}.bvh").clip, FPS)
        moved = facing_alike(read(out, name), clip)
        wanted = directions(clip, find_bones(clip.skeleton).joints, ARMS)
        got = directions(moved, find_bones(moved.skeleton).joints, ARMS)
        np.testing.assert_allclose(got, wanted, atol=0.02)


def test_every_recording_stands_on_the_floor_whatever_its_height_was(recordings, out):
    write_bvh(recordings / "d.bvh", raised(dance(Body(), 120, 0), 0.0))
    write_bvh(recordings / "e.bvh", raised(dance(Body(), 120, 0), 0.3))
    extract_motion([recordings], out, OPTIONS)
    toes = [common_skeleton().index(f"{side}ToeBase") for side in ("Left", "Right")]
    heights = [forward(read(out, name))[0][:, toes, 1] for name in "de"]
    assert np.percentile(heights[0], 5) == pytest.approx(0.02, abs=0.03)
    np.testing.assert_allclose(*heights, atol=1e-3)


def test_an_extraction_that_was_interrupted_goes_on_alike(recordings, out):
    write_bvh(recordings / "b.bvh", raised(read_bvh(recordings / "b.bvh").clip, 0.3))
    extract_motion([recordings], out, OPTIONS)
    wanted = (out / "b.motion.npy").read_bytes()
    (out / "b.motion.npy").unlink()
    report = extract_motion([recordings], out, OPTIONS)
    assert (report.written, report.skipped) == (1, 2)
    assert (out / "b.motion.npy").read_bytes() == wanted


def test_the_sidecar_does_not_depend_on_the_recordings(recordings, out, tmp_path):
    extract_motion([recordings / "a.bvh"], out, OPTIONS)
    extract_motion([recordings / "c.bvh"], tmp_path / "other", OPTIONS)
    assert (out / "motion.json").read_text() == (tmp_path / "other" / "motion.json").read_text()
    extract_motion([recordings], out, OPTIONS)
    assert (out / "motion.json").read_text() == (tmp_path / "other" / "motion.json").read_text()


def test_what_is_on_the_skeleton_already_is_read_as_it_is(recordings, out):
    extract_motion([recordings], out, OPTIONS)
    write_bvh(recordings / "d.bvh", raised(read(out, "a"), 0.5))
    extract_motion([recordings], out, OPTIONS)
    clip, sidecar = resample(read_bvh(recordings / "d.bvh").clip, FPS), read_sidecar(out / "motion.json")
    back = decode_motion(np.load(out / "d.motion.npy"), sidecar, first_placement(clip, sidecar))
    np.testing.assert_allclose(forward(back)[0], forward(resample(clip, FPS))[0], atol=1e-4)


def test_recordings_without_a_needed_bone_are_left_out_and_told(recordings, out):
    write_bvh(recordings / "z.bvh", without(Body().build()[0], ("LeftLeg",)))
    report = extract_motion([recordings], out, OPTIONS)
    assert report.written == 3
    note = next(note for note in report.notes if "z.bvh" in note)
    assert "left out: has no left upper leg, left lower leg and left foot" in note
    assert "--map" in note


def test_where_no_recording_has_the_bones_nothing_is_written(tmp_path, out):
    write_bvh(tmp_path / "z.bvh", without(Body().build()[0], ("LeftLeg", "RightArm")))
    with pytest.raises(DataError, match=r"z\.bvh has no .*right upper arm.*--map FOLDER"):
        extract_motion([tmp_path / "z.bvh"], out, OPTIONS)
    assert not out.exists() or not list(out.iterdir())


def test_joints_that_move_and_are_left_out_are_named(recordings, out):
    clip = dance(Body(names={**MIXAMO, "leftEye": "LeftEye"}), 90)
    skeleton = Skeleton(
        (*clip.skeleton.names, "Tail"),
        (*clip.skeleton.parents, 0),
        np.vstack([clip.skeleton.offsets, [[0, 0, -0.2]]]),
    )
    wagging = rot.from_expmap(0.5 * np.sin(np.arange(90))[:, None] * np.array([0, 1.0, 0]))
    rotations = np.concatenate([clip.rotations, wagging[:, None]], axis=1)
    write_bvh(recordings / "t.bvh", Clip(skeleton, 30.0, rotations, clip.translations))
    report = extract_motion([recordings], out, OPTIONS)
    assert any(note.endswith("t.bvh: 23 joints; joints left out, though they move: Tail") for note in report.notes)


@pytest.mark.parametrize(
    ("others", "moving", "joints"),
    [((True,), "Proximal", 52), ((True, False), "Proximal", 22), ((True,), "Thumb", 22)],
)
def test_fingers_are_kept_where_all_recordings_have_fingers_that_move(tmp_path, out, others, moving, joints):
    for number, fingers in enumerate(others):
        body = Body(fingers=fingers)
        clip, (_, bones) = dance(body, 90, number), body.build()
        for bone in bones:
            if moving in bone:
                bent = np.linspace(0, 1, 90)[:, None] * np.array([0, 0, -1.0])
                clip.rotations[:, bones[bone]] = rot.from_expmap(bent)
        write_bvh(tmp_path / "bvh" / f"{number}.bvh", clip)
    extract_motion([tmp_path / "bvh"], out, OPTIONS)
    assert read_sidecar(out / "motion.json").skeleton.num_joints == joints


def test_tables_of_bones_are_written_and_followed_when_corrected(recordings, out, tmp_path):
    tables = tmp_path / "tables"
    options = replace(OPTIONS, map=tables)
    extract_motion([recordings], out, options)
    assert sorted(path.name for path in tables.iterdir()) == ["a.txt", "c.txt"]
    before = np.load(out / "a.motion.npy")
    text = (tables / "a.txt").read_text()
    swapped = text.replace("Left", "@").replace("Right", "Left").replace("@", "Right")
    (tables / "a.txt").write_text(swapped)
    extract_motion([recordings], out, options)
    assert np.abs(np.load(out / "a.motion.npy") - before).max() > 0.1
    (tables / "other.txt").write_text(text)
    assert extract_motion([recordings], out, options).written == 0  # a table that came later is of other skeletons
    assert extract_motion([recordings], out, OPTIONS).written == 3  # without tables, names tell again
    assert extract_motion([recordings], out, options).written == 3
    (tables / "folder.txt").mkdir()
    with pytest.raises(FormatError, match="is a folder, not a file"):
        extract_motion([recordings], out, options)
    (tables / "folder.txt").rmdir()
    (tables / "a.txt").write_text(text.replace("head: Head", "head: Hut"))
    with pytest.raises(DataError, match=r"a\.txt.*Hut"):
        extract_motion([recordings / "a.bvh"], tmp_path / "third", options)


def test_a_table_of_another_name_serves_every_skeleton_that_has_its_joints(recordings, out, tmp_path):
    tables = tmp_path / "tables"
    extract_motion([recordings], out, replace(OPTIONS, map=tables))
    (tables / "a.txt").rename(tables / "mixamo.txt")
    extract_motion([recordings], tmp_path / "other", replace(OPTIONS, map=tables))
    assert sorted(path.name for path in tables.iterdir()) == ["c.txt", "mixamo.txt"]


def test_a_file_of_the_user_is_the_skeleton_too(recordings, out):
    report = extract_motion([recordings], out, replace(OPTIONS, onto=recordings / "c.bvh"))
    assert report.written == 3
    sidecar = read_sidecar(out / "motion.json")
    assert sidecar.skeleton.names == read_bvh(recordings / "c.bvh").clip.skeleton.names
    assert sidecar.layout is not None
    clip = resample(read_bvh(recordings / "c.bvh").clip, FPS)
    back = decode_motion(np.load(out / "c.motion.npy"), sidecar, first_placement(clip, sidecar))
    np.testing.assert_allclose(forward(back)[0][:, 1:], forward(clip)[0][:, 1:], atol=1e-3)


def test_joints_are_chosen_among_those_of_the_common_skeleton(recordings, out):
    names = ("Hips", "LeftFoot", "RightFoot")
    extract_motion([recordings], out, replace(OPTIONS, joints=names))
    assert read_sidecar(out / "motion.json").skeleton.names == names


def test_features_on_another_skeleton_stay_alone(recordings, out):
    extract_motion([recordings / "a.bvh"], out, replace(OPTIONS, onto=None))
    before = (out / "motion.json").read_text()
    with pytest.raises(DataError, match=r"motion\.json are on another skeleton than common .*--out"):
        extract_motion([recordings], out, OPTIONS)
    assert (out / "motion.json").read_text() == before


def test_without_it_several_skeletons_are_refused_with_its_name(recordings, out):
    with pytest.raises(DataError, match="--onto common"):
        extract_motion([recordings], out, replace(OPTIONS, onto=None))
    assert not out.exists()


def test_a_skeleton_that_cannot_dance_is_refused(recordings, out, tmp_path):
    write_bvh(tmp_path / "z.bvh", without(Body().build()[0], ("LeftLeg",)))
    with pytest.raises(DataError, match="has no left upper leg"):
        extract_motion([recordings], out, replace(OPTIONS, onto=tmp_path / "z.bvh"))
    with pytest.raises(FormatError, match=r"none\.bvh"):
        extract_motion([recordings], out, replace(OPTIONS, onto=tmp_path / "none.bvh"))


def test_a_beast_on_four_legs_is_left_out(recordings, out):
    skeleton, joints = Body().build()
    pose = rot.identity(1, skeleton.num_joints)
    for bone, degrees in (("hips", 70), *((f"{side}UpperLeg", -70) for side in ("left", "right"))):
        pose[0, joints[bone]] = rot.from_expmap(np.radians([degrees, 0, 0]))
    beast = rebased(Clip(skeleton, 30.0, pose, {0: skeleton.offsets[:1]}))
    still = Clip(beast, 30.0, rot.identity(60, beast.num_joints), {0: np.tile(beast.offsets[:1], (60, 1))})
    write_bvh(recordings / "z.bvh", still)
    report = extract_motion([recordings], out, OPTIONS)
    assert report.written == 3
    assert any("z.bvh: 22 joints; left out: neither the rest pose nor a frame" in note for note in report.notes)


def test_tables_without_a_skeleton_are_refused():
    with pytest.raises(OptionsError, match="--onto"):
        MotionExtraction(map=Path("tables"))


def test_names_that_tell_nothing_are_found_by_shape(recordings, out):
    write_bvh(recordings / "r.bvh", dance(ROBOT, 90))
    assert extract_motion([recordings], out, OPTIONS).written == 4
