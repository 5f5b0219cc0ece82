import logging

import numpy as np
import pytest

from tests.formats.bvh.golden import GOLDEN, HIERARCHY, MOTION, POSITIONS, TIPS
from transflower.core.errors import FormatError, OptionsError
from transflower.formats.bvh import read_bvh, read_skeleton
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward, tip_positions


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        path = tmp_path / "clip.bvh"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_bvh(path, **{"unit": "cm", "up": "y", **options})

    return read_text


def assert_golden(file):
    np.testing.assert_allclose(forward(file.clip)[0], POSITIONS, atol=1e-12)
    np.testing.assert_allclose(tip_positions(file.clip), TIPS, atol=1e-12)


def test_the_golden_file_stands_where_it_was_calculated(read):
    file = read(GOLDEN)
    assert_golden(file)
    assert file.clip.fps == 25
    assert file.clip.skeleton.names == ("Hips", "Spine", "Head")
    assert file.layout.channels["Head"] == ("Yrotation", "Xrotation", "Zrotation")


AS_EXPORTED = {
    "CRLF": GOLDEN.replace("\n", "\r\n"),
    "CR alone": GOLDEN.replace("\n", "\r"),
    "tabs": GOLDEN.replace(" ", "\t").replace("End\tSite", "End Site"),
    "byte order mark": "\ufeff" + GOLDEN,
    "no newline at the end": GOLDEN.rstrip("\n"),
    "blank lines": GOLDEN.replace("\n", "\n\n  \n"),
    "braces on the line of the name": GOLDEN.replace("\n{", " {").replace("Spine\n  {", "Spine {"),
    "a hierarchy on one line": HIERARCHY.replace("\n", " ") + MOTION,
    "lower case words": GOLDEN.replace("ROOT", "root").replace("JOINT", "Joint").replace("position", "POSITION"),
    "End site": GOLDEN.replace("End Site", "End site"),
    "channels before the offset": GOLDEN.replace(
        "OFFSET 0 50 0\n    CHANNELS 3 Zrotation Xrotation Yrotation",
        "CHANNELS 3 Zrotation Xrotation Yrotation\n    OFFSET 0 50 0",
    ),
    "an end site with no channels": GOLDEN.replace("OFFSET 0 20 0", "OFFSET 0 20 0 CHANNELS 0"),
    "exponents": GOLDEN.replace("10 90 5 90", "1e+1 9E1 5 9.0e+01").replace("0 50 0", "1e-15 5e1 0"),
    "one frame over several lines": GOLDEN.replace("0 90 0 0 0 0", "0 90 0\n0\n0 0").replace("5 90 0 0", "5\n90 0 0"),
    "several frames on one line": GOLDEN.replace("0 0 0\n10", "0 0 0 10"),
    "several spaces, some at the end": GOLDEN.replace(" ", "   ").replace("0\n", "0  \t\n"),
    "frames on the line of the word": GOLDEN.replace("MOTION\n", "MOTION ").replace("2\nFrame Time", "2 Frame Time"),
    "no space after the colon": GOLDEN.replace(": ", ":"),
    "no space in frame time": GOLDEN.replace("Frame Time", "FrameTime"),
    "a plus sign": GOLDEN.replace("10 90 5", "+10 90 +5"),
}


@pytest.mark.parametrize("text", AS_EXPORTED.values(), ids=AS_EXPORTED.keys())
def test_a_file_as_exporters_write_it_is_read(read, text):
    assert_golden(read(text))


@pytest.mark.parametrize(
    "name",
    [
        "rig:Spine",
        "Left-Arm",
        "Spine 1",
        "spine.01",
        "Bip01 L Thigh",
        "JOINT",
        "Пояс",
        "End Site",
        "a  b",
        "slow motion",
    ],
)
def test_names_are_kept_as_they_are(read, name):
    assert read(GOLDEN.replace("JOINT Spine", f"JOINT {name}")).clip.skeleton.names[1] == name


def test_names_that_are_not_utf8_are_read_too(read):
    names = read(GOLDEN.replace("Spine", "Rücken").encode("latin-1")).clip.skeleton.names
    assert names == ("Hips", "Rücken", "Head")


def test_files_that_begin_alike_are_each_what_they_say(tmp_path, read):
    first, other = read(GOLDEN), read(GOLDEN.replace("Spine", "Chest"))
    assert (first.clip.skeleton.names[1], other.clip.skeleton.names[1]) == ("Spine", "Chest")
    np.testing.assert_array_equal(read(GOLDEN).clip.skeleton.offsets, first.clip.skeleton.offsets)
    for name in ("one.bvh", "two.bvh"):
        (tmp_path / name).write_text(GOLDEN.replace("JOINT Spine", "JOINT Hips"))
        with pytest.raises(FormatError, match=f"{name}, line .*two joints are called 'Hips'"):
            read_bvh(tmp_path / name)


def test_position_channels_take_the_place_of_the_offset(read):
    text = GOLDEN.replace("3 Yrotation Xrotation Zrotation", "4 Xposition Yrotation Xrotation Zrotation")
    text = text.replace("0 0 0\n10", "7 0 0 0\n10").removesuffix("0 0 0\n") + "8 0 0 0\n"
    clip = read(text).clip
    np.testing.assert_allclose(clip.translations[2], [[0.07, 0.3, 0], [0.08, 0.3, 0]])


def test_a_root_without_position_channels_stands_at_its_offset(read):
    text = HIERARCHY.replace("6 Xposition Yposition Zposition", "3").replace("OFFSET 0 0 0", "OFFSET 1 2 3")
    clip = read(text + "MOTION\nFrames: 1\nFrame Time: 0.1\n" + "0 " * 9).clip
    np.testing.assert_allclose(clip.translations[0], [[0.01, 0.02, 0.03]])


def test_hinges_and_fixed_joints_are_read(read):
    text = HIERARCHY.replace("3 Yrotation Xrotation Zrotation", "1 Xrotation").replace(
        "CHANNELS 3 Zrotation Xrotation Yrotation", ""
    )
    clip = read(text + "MOTION\nFrames: 1\nFrame Time: 0.1\n0 90 0 0 0 0 30\n").clip
    np.testing.assert_allclose(rot.to_expmap(clip.rotations[0]), [[0, 0, 0], [0, 0, 0], [np.pi / 6, 0, 0]], atol=1e-12)


def test_each_joint_has_its_own_order(read):
    text = GOLDEN.replace("10 90 5 90 0 0 0 90 0 0 0 0", "0 0 0 0 0 0 10 20 30 10 20 30")
    clip = read(text).clip
    angles = np.radians([10.0, 20.0, 30.0])
    assert rot.angle_between(clip.rotations[1, 1], rot.from_euler(angles, "ZXY")) < 1e-12
    assert rot.angle_between(clip.rotations[1, 2], rot.from_euler(angles, "YXZ")) < 1e-12


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1"]
)
@pytest.mark.parametrize("end", ["", "\0\0\0", "\x1a", "\r\n\x1a\0"])
def test_any_encoding_and_what_old_programs_leave_behind_is_read(tmp_path, encoding, end):
    path = tmp_path / "clip.bvh"
    path.write_bytes((GOLDEN + end).encode(encoding))
    assert_golden(read_bvh(path, unit="cm", up="y"))


def test_decimal_commas_are_read(read):
    text = GOLDEN.replace("0.04", "0,04").replace("OFFSET 0 50 0", "OFFSET 0,0 50,0 -0,0")
    assert_golden(read(text.replace("10 90 5", "10,0 90,0 5,0e0")))


def test_the_rate_that_is_given_is_the_rate_whatever_the_file_says(read):
    for written in ("0.04", "33.333", "0", "nonsense"):
        file = read(GOLDEN.replace("0.04", written), fps=60.0)
        assert (file.clip.fps, file.layout.frame_time) == (60.0, "")


@pytest.mark.parametrize("announced", [1, 3, 500, 0])
def test_another_number_of_frames_than_announced_is_reported_and_read(read, caplog, announced):
    file = read(GOLDEN.replace("Frames: 2", f"Frames: {announced}"))
    assert_golden(file)
    assert f"announces {announced} frames and holds 2" in caplog.text
    assert "clip.bvh" in caplog.text


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("0.0333333", 30.0),
        ("0.033333", 30.0),
        (".0083333", 120.0),
        ("0.008333", 120.0),
        ("0.01666667", 60.0),
        ("0.016667", 60.0),
        ("3.33333e-02", 30.0),
        ("0.0167", 60.0),
        ("0.00833", 120.0),
        ("0.0417083750417", 23.976),
        ("0.033367", 30000 / 1001),
        ("0.0334", 30000 / 1001),
        ("0.016683", 60000 / 1001),
        ("0.04171", 24000 / 1001),
        ("0.017", 60.0),
        ("0.016", 60.0),
        ("0.008", 120.0),
        ("0.00800", 125.0),
        ("0.033", 30.0),
        ("0.03", 30.0),
        ("0.042", 24.0),
        ("0.021", 48.0),
        ("0.011", 90.0),
        ("0.004", 240.0),
        ("0.02", 50.0),
        ("0.005", 200.0),
        ("0.025", 40.0),
        ("0.01" + "0" * 5000, 100.0),
        ("0.1", 10.0),
    ],
)
def test_a_frame_time_is_the_rate_that_it_was_cut_from(read, text, fps):
    assert read(GOLDEN.replace("0.04", text)).clip.fps == pytest.approx(fps, rel=1e-11)


def test_a_second_end_site_is_refused_not_lost(tmp_path):
    path = tmp_path / "two.bvh"
    path.write_text(GOLDEN.replace("End Site", "End Site\n{\nOFFSET 1 2 3\n}\nEnd Site"))
    with pytest.raises(FormatError, match="second End Site"):
        read_bvh(path)


def test_a_hierarchy_without_motion_is_a_skeleton_and_no_clip(tmp_path):
    path = tmp_path / "skeleton.bvh"
    path.write_text(HIERARCHY)
    skeleton = read_skeleton(path, unit="cm")
    assert skeleton.names == ("Hips", "Spine", "Head")
    np.testing.assert_allclose(skeleton.offsets[1], [0, 0.5, 0])
    assert skeleton.end_sites == {2: (0.0, 0.2, 0.0)}
    with pytest.raises(FormatError, match=r"skeleton\.bvh: is a skeleton without MOTION"):
        read_bvh(path)


def test_the_skeleton_of_a_recording_is_read_the_same(tmp_path, read):
    clip = read(GOLDEN).clip
    assert read_skeleton(tmp_path / "clip.bvh", unit="cm").to_dict() == clip.skeleton.to_dict()


def test_what_was_picked_is_logged(read, caplog):
    caplog.set_level(logging.INFO)
    file = read(GOLDEN, unit="auto", up="auto")
    assert file.layout.metres_per_unit == 0.0254
    assert "clip.bvh: read as inches (in), which" in caplog.text
    assert "Y up" in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {"unit": "feet"},
        {"unit": "-1"},
        {"unit": 0.0},
        {"unit": "nan"},
        {"unit": 1e300},
        {"up": "w"},
        {"up": "--y"},
        {"up": ""},
    ],
)
def test_units_and_axes_that_do_not_exist_are_refused(read, options):
    with pytest.raises(OptionsError, match=r"unit|up axis"):
        read(GOLDEN, **options)


def test_a_unit_may_be_a_number(read):
    clip = read(GOLDEN, unit="0.5").clip
    assert clip.skeleton.offsets[1, 1] == 25


def test_a_deep_chain_is_read(read):
    depth = 3000
    joints = "".join(f"JOINT J{joint} {{ OFFSET 0 1 0 CHANNELS 0\n" for joint in range(depth))
    text = f"HIERARCHY ROOT R {{ OFFSET 0 0 0 CHANNELS 1 Xposition\n{joints}{'}' * depth}}}\n"
    assert read(text + "MOTION\nFrames: 1\nFrame Time: .1\n5\n").clip.skeleton.num_joints == depth + 1
