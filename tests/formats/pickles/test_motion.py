import pickle

import numpy as np
import pytest

from tests.formats.corpora import (
    Make,
    dumps,
    make_index,
    motorica_clip,
    motorica_columns,
    pickled_aist,
    pickled_frame,
    pickled_motorica,
    smpl_walk,
)
from transflower.core.errors import FormatError
from transflower.formats.bvh import write_bvh
from transflower.formats.format import ReadOptions
from transflower.formats.registry import holds_motion, read_recording
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton


@pytest.mark.parametrize("protocol", (0, 2, 4, 5))
def test_a_pickle_of_aist_is_a_body_in_metres_at_60_frames(tmp_path, protocol):
    path = tmp_path / "gBR_sBM_cAll_d04_mBR0_ch01.pkl"
    path.write_bytes(pickled_aist(30, protocol))
    clip = read_recording(path).clip
    assert (clip.fps, clip.num_frames, clip.skeleton.num_joints) == (60, 30, 24)
    np.testing.assert_allclose(clip.translations[0][:, 0], np.linspace(0, 1, 30), atol=1e-9)
    np.testing.assert_allclose(rot.to_expmap(clip.rotations).reshape(30, -1), smpl_walk(30)[0], atol=1e-9)
    assert read_recording(path, ReadOptions(fps=30.0)).clip.fps == 30


def test_frames_of_motorica_are_the_dance_that_they_were_made_of(tmp_path):
    clip = motorica_clip(40)
    path = tmp_path / "kthjazz_gJZ_sFM_cAll_d02_mJZ_ch01_x_001_00.expmap_30fps.pkl"
    path.write_bytes(pickled_motorica(40))
    found = read_recording(path).clip
    assert found.fps == 30
    np.testing.assert_allclose(forward(found)[0], forward(clip)[0], atol=1e-9)


@pytest.mark.parametrize(("name", "fps"), (("x.expmap_60fps.pkl", 60), ("x.pkl", 30)))
def test_frames_without_times_have_the_rate_of_their_name(tmp_path, name, fps):
    (tmp_path / name).write_bytes(pickled_motorica(5, seconds=False))
    assert read_recording(tmp_path / name).clip.fps == fps


def test_frames_are_read_on_the_skeleton_beside_them(tmp_path):
    clip = motorica_clip(4)
    taller = Skeleton(clip.skeleton.names, clip.skeleton.parents, clip.skeleton.offsets * 1.1, clip.skeleton.end_sites)
    write_bvh(tmp_path / "skeleton.bvh", type(clip)(taller, 30.0, clip.rotations, clip.translations))
    (tmp_path / "x.pkl").write_bytes(pickled_motorica(4))
    found = read_recording(tmp_path / "x.pkl").clip.skeleton
    np.testing.assert_allclose(found.offsets[1:], taller.offsets[1:], atol=1e-6)


def test_a_data_frame_of_pandas_before_1_3_is_read(tmp_path):
    names, values = motorica_columns(motorica_clip(6))
    index = make_index("Index", {"data": np.array(names, object), "name": None})
    rows = make_index("RangeIndex", {"start": 0, "stop": 6})
    manager = Make("pandas.core.internals.managers", "BlockManager")
    table = {"axes": [index, rows], "blocks": [{"values": values.T, "mgr_locs": np.arange(len(names))}]}
    manager.state = ([index, rows], [values.T], [index], {"0.14.1": table})
    frame = Make("pandas.core.frame", "DataFrame")
    frame.state = {"_data": manager, "_typ": "dataframe"}
    (tmp_path / "x.pkl").write_bytes(dumps(frame))
    assert read_recording(tmp_path / "x.pkl").clip.num_frames == 6


def test_pandas_writes_what_is_read(tmp_path):
    pandas = pytest.importorskip("pandas")
    names, values = motorica_columns(motorica_clip(8))
    frame = pandas.DataFrame(values, columns=names)
    frame.index = pandas.Series([pandas.Timedelta(seconds=number / 30) for number in range(8)])
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "x.pkl").write_bytes(pickle.dumps(frame, protocol))
        clip = read_recording(tmp_path / "x.pkl").clip
        assert (clip.fps, clip.num_frames) == (30, 8)


@pytest.mark.parametrize("unit", ("ns", "us", "ms"))
def test_times_are_read_in_their_unit(tmp_path, unit):
    names, values = motorica_columns(motorica_clip(8))
    (tmp_path / "x.pkl").write_bytes(pickled_frame(names, values, seconds=np.arange(8) / 40, unit=unit))
    assert read_recording(tmp_path / "x.pkl").clip.fps == 40


@pytest.mark.parametrize(
    ("content", "told"),
    (
        (pickled_frame(["Spine_alpha"], np.zeros((3, 1)), places=np.array([np.inf])), "damaged .*infinity"),
        (pickled_frame(["Spine_alpha"], np.zeros((3, 1)), seconds=np.array(0.5)), "times .* not as many as its rows"),
        (
            pickled_frame(["Spine_alpha"], np.zeros((3, 1)), seconds=np.arange(3) * 1e9, unit="W"),
            "times in a unit that no recording needs",
        ),
    ),
)
def test_places_and_times_of_other_kinds_are_told(tmp_path, content, told):
    (tmp_path / "x.pkl").write_bytes(content)
    with pytest.raises(FormatError, match=told):
        read_recording(tmp_path / "x.pkl")


def frame(**changes):
    """Frames of Motorica with columns that are changed, or left out."""
    names, values = motorica_columns(motorica_clip(5))
    columns = dict(zip(names, values.T, strict=True)) | changes
    columns = {name: column for name, column in columns.items() if column is not None}
    return pickled_frame(list(columns), np.stack([np.asarray(column) for column in columns.values()], axis=1))


@pytest.mark.parametrize(
    ("content", "told"),
    (
        (pickled_aist(10, smpl_poses=np.zeros((10, 71))), "poses of 71 numbers in 10 frames; 66, 72"),
        (pickled_aist(10, smpl_poses=np.zeros((0, 72)), smpl_trans=np.zeros((0, 3))), "in 0 frames"),
        (pickled_aist(10, smpl_poses=np.zeros(72)), r"smpl_poses of shape \[72\], \[any, any\] is needed"),
        (pickled_aist(10, smpl_trans=np.zeros((9, 3))), r"smpl_trans of shape \[9, 3\], \[10, 3\] is needed"),
        (pickled_aist(10, smpl_poses=np.full((10, 72), np.nan)), "a number that is not finite"),
        (pickled_aist(10, smpl_poses=[[0.0] * 72] * 10), "holds no motion"),
        (pickled_aist(10, smpl_scaling=np.array([0.0])), "smpl_scaling of 0"),
        (pickled_aist(10, smpl_scaling=np.array(["big"])), "smpl_scaling that is not a finite number"),
        (pickled_aist(10, smpl_trans=None), "holds no motion: neither smpl_poses and smpl_trans"),
        (pickle.dumps([1, 2]), "holds no motion"),
        (pickle.dumps({"keypoints3d": np.zeros((3, 17, 3))}), "holds no motion"),
        (frame(Spine_beta=None), "lacks the column 'Spine_beta'"),
        (frame(Tail_alpha=[0.0] * 5), "turns 'Tail', a joint that its skeleton lacks; put skeleton.bvh beside it"),
        (frame(reference_dYrotation=None), "lacks the column 'Hips_dYrotation'"),
        (frame(Spine_beta=[np.inf] * 5), "holds a data frame that is damaged .* not finite"),
        (pickled_frame(["MFCC_0"], np.zeros((3, 1))), "holds no motion"),
        (pickled_frame(["Spine_alpha", "Spine_alpha"], np.zeros((3, 2))), "has two columns 'Spine_alpha'"),
        (pickled_frame(["Spine_alpha"], np.zeros((3, 2))), "the blocks of the frame are not of one length"),
        (pickled_frame(["Spine_alpha"], np.array([["a"]] * 3)), "something else than numbers"),
        (pickled_frame(["Spine_alpha"], np.zeros((0, 1))), "has no frames"),
    ),
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path, content, told):
    path = tmp_path / "x.pkl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=told) as fault:
        read_recording(path)
    assert str(path) in str(fault.value)
    assert "\n" not in str(fault.value)


def test_pickles_of_other_things_in_a_folder_hold_no_motion(tmp_path):
    (tmp_path / "aist.pkl").write_bytes(pickled_aist(2))
    (tmp_path / "frames.pkl").write_bytes(pickled_motorica(2))
    (tmp_path / "sound.pkl").write_bytes(pickled_frame(["MFCC_0"], np.zeros((3, 1))))
    (tmp_path / "points.pkl").write_bytes(pickle.dumps({"keypoints3d": np.zeros((3, 17, 3))}))
    assert [path.name for path in sorted(tmp_path.iterdir()) if holds_motion(path)] == ["aist.pkl", "frames.pkl"]
