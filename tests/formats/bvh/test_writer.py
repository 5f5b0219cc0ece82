import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.bvh.golden import GOLDEN
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import BvhLayout, read_bvh, write_bvh
from transflower.motion import rotations as rot
from transflower.motion.axes import AXES
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton

ROTATIONS = [tuple(f"{axis}rotation" for axis in axes) for axes in itertools.permutations("XYZ")]
POSITIONS = ("Xposition", "Yposition", "Zposition")


def write_and_read(folder, clip, layout=None):
    path = folder / "out.bvh"
    write_bvh(path, clip, layout=layout)
    layout = layout or BvhLayout()
    return read_bvh(path, unit=layout.metres_per_unit, up=layout.up)


def assert_same_clip(a, b, *, metres=1e-7):
    assert a.skeleton.names == b.skeleton.names
    assert a.skeleton.parents == b.skeleton.parents
    assert a.skeleton.end_sites.keys() == b.skeleton.end_sites.keys()
    np.testing.assert_allclose(a.skeleton.offsets, b.skeleton.offsets, atol=metres)
    for joint, tip in a.skeleton.end_sites.items():
        np.testing.assert_allclose(tip, b.skeleton.end_sites[joint], atol=metres)
    assert np.degrees(rot.angle_between(a.rotations, b.rotations)).max() < 1e-5
    assert a.translations.keys() == b.translations.keys()
    for joint, track in a.translations.items():
        np.testing.assert_allclose(track, b.translations[joint], atol=metres)
    assert a.fps == b.fps


@st.composite
def layouts(draw):
    names = make_skeleton().names
    up = draw(st.sampled_from(["y", "z"]))
    return BvhLayout(
        metres_per_unit=draw(st.sampled_from([1.0, 0.01, 0.001, 0.0254, 0.5])),
        up=up,
        rest=up,
        channels={name: draw(st.sampled_from(ROTATIONS)) for name in names[1:]}
        | {names[0]: tuple(draw(st.permutations(POSITIONS + ROTATIONS[0])))},
    )


@given(layout=layouts(), seed=st.integers(0, 1000), degrees=st.sampled_from([0.0, 40.0, 400.0]))
def test_writing_and_reading_gives_the_same_clip_and_layout(tmp_path_factory, layout, seed, degrees):
    folder = tmp_path_factory.mktemp("bvh")
    clip = make_clip(6, seed=seed, degrees=degrees, moving=("LeftHand",))
    file = write_and_read(folder, clip, layout)
    assert_same_clip(clip, file.clip)
    again = write_and_read(folder, file.clip, file.layout)
    assert_same_clip(file.clip, again.clip)
    assert again.layout == file.layout


def test_a_file_written_in_its_own_layout_keeps_its_form(tmp_path):
    path = tmp_path / "golden.bvh"
    path.write_text(GOLDEN)
    file = read_bvh(path, unit="cm", up="y")
    out = write_and_read(tmp_path, file.clip, file.layout)
    assert out.layout == file.layout
    text = (tmp_path / "out.bvh").read_text()
    assert "Frame Time: 0.04\n" in text
    assert "OFFSET 0 50 0" in text
    assert "CHANNELS 3 Yrotation Xrotation Zrotation" in text
    assert text.endswith(
        "10.000000 90.000000 5.000000 90.000000 " + " ".join(["0.000000"] * 3) + " 90.000000" + " 0.000000" * 4 + "\n"
    )


@pytest.mark.parametrize("order", ROTATIONS, ids=["".join(name[0] for name in order) for order in ROTATIONS])
@pytest.mark.parametrize("degrees", [90.0, -90.0, 89.99999, 180.0, 450.0])
def test_right_angles_survive_every_order(tmp_path, order, degrees):
    clip = make_clip(3, skeleton=make_skeleton(num_joints=2))
    for axis in range(3):
        turn = rot.from_expmap(np.eye(3)[axis] * np.radians(degrees))
        clip = replace(clip, rotations=np.array(clip.rotations))
        clip.rotations[axis, 1] = rot.multiply(turn, clip.rotations[axis, 1]) if degrees == 450 else turn
    assert_same_clip(clip, write_and_read(tmp_path, clip, BvhLayout(channels={"Joint1": order})).clip)


@pytest.mark.parametrize("axes", ["X", "Z", "XY", "ZY"])
def test_a_hinge_stays_a_hinge(tmp_path, axes):
    names = tuple(f"{axis}rotation" for axis in axes)
    angles = np.random.default_rng(0).uniform(-3, 3, (20, len(axes)))
    clip = make_clip(20, skeleton=make_skeleton(num_joints=2))
    rotations = np.stack([clip.rotations[:, 0], rot.from_euler(angles, axes)], axis=1)
    file = write_and_read(tmp_path, replace(clip, rotations=rotations), BvhLayout(channels={"Joint1": names}))
    assert_same_clip(replace(clip, rotations=rotations), file.clip)
    assert file.layout.channels["Joint1"] == names


def test_a_hinge_that_does_not_suffice_gets_the_channels_it_lacks(tmp_path):
    clip = make_clip(20, skeleton=make_skeleton(num_joints=2))
    file = write_and_read(tmp_path, clip, BvhLayout(channels={"Joint1": ("Yrotation",)}))
    assert_same_clip(clip, file.clip)
    assert set(file.layout.channels["Joint1"]) == {"Xrotation", "Yrotation", "Zrotation"}


def test_a_still_joint_without_channels_stays_without(tmp_path):
    clip = make_clip(4, skeleton=make_skeleton(num_joints=2))
    clip.rotations[:, 1] = rot.identity(4)
    file = write_and_read(tmp_path, clip, BvhLayout(channels={"Joint1": ()}))
    assert_same_clip(clip, file.clip)
    assert file.layout.channels["Joint1"] == ()


def test_a_joint_that_moves_gets_position_channels(tmp_path):
    file = write_and_read(tmp_path, make_clip(moving=("LeftHand",)))
    assert file.layout.channels["LeftHand"] == (*POSITIONS, "Zrotation", "Xrotation", "Yrotation")
    assert "Xposition" not in file.layout.channels["RightHand"]


@pytest.mark.parametrize("up", AXES)
@pytest.mark.parametrize("above", [(), ("Root",)], ids=["plain", "with a root"])
def test_any_axis_up_is_written_and_read_back_whichever_way_the_rest_pose_stands(tmp_path, up, above):
    clip = make_clip(10, skeleton=make_skeleton(above=above), degrees=20)
    heights = forward(clip)[0][..., 1]
    for rest in {"y", up}:
        layout = BvhLayout(up=up, rest=rest)
        write_bvh(tmp_path / "up.bvh", clip, layout=layout)
        file = read_bvh(tmp_path / "up.bvh", unit="cm")
        assert (file.layout.up, file.layout.rest) == (up, rest)
        assert_same_clip(clip, file.clip)
        raw = read_bvh(tmp_path / "up.bvh", unit="cm", up="y").clip
        sign = -1 if up[0] == "-" else 1
        np.testing.assert_allclose(sign * forward(raw)[0][..., "xyz".index(up[-1])], heights, atol=1e-6)


def test_z_up_is_a_quarter_turn_about_x(tmp_path):
    clip = make_clip(10)
    write_bvh(tmp_path / "z.bvh", clip, layout=BvhLayout(up="z"))
    raw = read_bvh(tmp_path / "z.bvh", unit="cm", up="y").clip
    x, y, z = np.moveaxis(forward(clip)[0], -1, 0)
    np.testing.assert_allclose(forward(raw)[0], np.stack([x, -z, y], axis=-1), atol=1e-6)


def test_joints_in_any_order_are_written_depth_first(tmp_path):
    names, parents = ("Root", "A", "B", "A1", "B1"), (-1, 0, 0, 1, 2)
    skeleton = Skeleton(names, parents, np.random.default_rng(0).normal(size=(5, 3)), {3: (0.0, 0.1, 0.0)})
    clip = make_clip(5, skeleton=skeleton)
    read = write_and_read(tmp_path, clip).clip
    assert read.skeleton.names == ("Root", "A", "A1", "B", "B1")
    joints = [read.skeleton.index(name) for name in names]
    np.testing.assert_allclose(forward(read)[0][:, joints], forward(clip)[0], atol=1e-6)


def test_euler_angles_are_unwrapped_so_that_programs_can_interpolate(tmp_path):
    clip = make_clip(60, skeleton=make_skeleton(num_joints=1))
    clip.rotations[:, 0] = rot.from_yaw(np.linspace(0, 4 * np.pi, 60))
    layout = BvhLayout(channels={"Joint0": (*POSITIONS, "Yrotation", "Xrotation", "Zrotation")})
    write_bvh(tmp_path / "spin.bvh", clip, layout=layout)
    yaws = np.loadtxt((tmp_path / "spin.bvh").read_text().splitlines()[-60:])[:, 3]
    np.testing.assert_allclose(yaws, np.linspace(0, 720, 60), atol=1e-5)


@pytest.mark.parametrize("fps", [30.0, 29.97, 20.0, 23.976, 60.0, 120.0, 7.3, 1.0, 1 / 3, 1000.0])
def test_any_frame_rate_is_kept(tmp_path, fps):
    write_bvh(tmp_path / "out.bvh", make_clip(2, fps=fps))
    if fps >= 10:
        assert read_bvh(tmp_path / "out.bvh").clip.fps == pytest.approx(fps, rel=1e-12)
    else:
        with pytest.raises(FormatError, match=f"--source_fps {fps:.5g}"):
            read_bvh(tmp_path / "out.bvh")


def test_a_layout_with_a_frame_time_that_means_nothing_is_written_with_that_of_the_clip(tmp_path):
    for nonsense in ("nonsense", "1" * 5000, "0", "-1"):
        assert write_and_read(tmp_path, make_clip(2), BvhLayout(frame_time=nonsense)).clip.fps == 30


def test_the_same_clip_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_bvh(tmp_path / name, make_clip(seed=3))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", ["", " Hips", "Hips ", "a{b", "a}b", "a\nb"])
def test_a_name_that_would_break_the_file_is_refused_and_nothing_is_written(tmp_path, name):
    skeleton = make_skeleton()
    skeleton = replace(skeleton, names=(*skeleton.names[:-1], name))
    with pytest.raises(DataError, match="joint name"):
        write_bvh(tmp_path / "out.bvh", make_clip(skeleton=skeleton))
    assert not list(tmp_path.iterdir())


def test_numbers_that_are_not_finite_are_refused_and_nothing_is_written(tmp_path):
    clip = make_clip()
    clip.translations[0][3, 1] = np.nan
    with pytest.raises(DataError, match="not finite"):
        write_bvh(tmp_path / "out.bvh", clip)
    assert not list(tmp_path.iterdir())


def test_a_layout_read_from_json_is_the_same(tmp_path):
    file = write_and_read(tmp_path, make_clip(2))
    assert BvhLayout.from_dict(file.layout.to_dict()) == file.layout
