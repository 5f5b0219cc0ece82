"""Every way in which a BVH file was seen, or can be thought, to be broken: one line that names file and place."""

import pytest

from tests.formats.bvh.golden import GOLDEN, HIERARCHY, MOTION
from transflower.core.errors import FormatError
from transflower.formats.bvh import read_bvh

HEAD_CHANNELS = "3 Yrotation Xrotation Zrotation"
FRAME_0 = "0 90 0 0 0 0 0 0 0 0 0 0\n"
FRAME_1 = "10 90 5 90 0 0 0 90 0 0 0 0\n"

# name: (contents, line or None, frame or None, part of the message)
MALFORMED = {
    "empty": ("", None, None, "is empty"),
    "only spaces": (" \n\t\n", None, None, "is empty"),
    "binary": (b"\x89PNG\r\n\0\0\x12", None, None, "is not text"),
    "UTF-16 cut in a letter": (GOLDEN.encode("utf-16")[:-1], None, None, "is damaged UTF-16 text"),
    "zero bytes within": (GOLDEN.replace("MOTION", "MO\0TION"), None, None, "is not text"),
    "zero bytes alone": (b"\0" * 100, None, None, "is empty"),
    "other text": ("Hello\nworld\n", 1, None, "does not begin with HIERARCHY"),
    "motion alone": (MOTION, 1, None, "does not begin with HIERARCHY"),
    "no root": (GOLDEN.replace("ROOT", "JOINT"), 2, None, "ROOT"),
    "nothing after HIERARCHY": ("HIERARCHY\n", 1, None, "ROOT"),
    "root without a name": (GOLDEN.replace("ROOT Hips", "ROOT"), 2, None, "has no name"),
    "joint without a name": (GOLDEN.replace("JOINT Spine", "JOINT"), 6, None, "has no name"),
    "joint without a brace": (GOLDEN.replace("Spine\n  {", "Spine\n"), 6, None, "expected '{' after"),
    "two joints of one name": (GOLDEN.replace("Spine", "Head"), 10, None, "two joints are called 'Head'"),
    "two roots": (HIERARCHY + HIERARCHY.removeprefix("HIERARCHY\n") + MOTION, 21, None, "more than one ROOT"),
    "two hierarchies": (HIERARCHY + GOLDEN, 21, None, "expected MOTION"),
    "a brace too many": (HIERARCHY + "}\n" + MOTION, 21, None, "'}' too many"),
    "a brace too few": (HIERARCHY.removesuffix("}\n") + MOTION, 20, None, "in joint 'Hips', found 'MOTION'"),
    "cut off in the hierarchy": (
        HIERARCHY[: HIERARCHY.index("OFFSET 0 50")],
        7,
        None,
        "in joint 'Spine', found the end of the file",
    ),
    "cut off in a name": (HIERARCHY[: HIERARCHY.index("Spine") + 3], 6, None, "'Spi'"),
    "cut off in an offset": (HIERARCHY[: HIERARCHY.index("50")], 8, None, "OFFSET of 'Spine'"),
    "cut off in channels": (HIERARCHY[: HIERARCHY.index(" Xrotation")], 5, None, "channel 5 of the 6 of 'Hips'"),
    "cut off in an end site": (HIERARCHY[: HIERARCHY.index("0 20 0") + 6], 16, None, "End Site of Head"),
    "no offset": (GOLDEN.replace("OFFSET 0 50 0", ""), 19, None, "joint 'Spine' has no OFFSET"),
    "two offsets": (GOLDEN.replace("OFFSET 0 50 0", "OFFSET 0 50 0\nOFFSET 0 1 0"), 9, None, "second OFFSET"),
    "an offset of two numbers": (GOLDEN.replace("0 50 0", "0 50"), 9, None, "OFFSET of 'Spine' needs 3 numbers"),
    "an offset of four numbers": (GOLDEN.replace("0 50 0", "0 50 0 1"), 8, None, "in joint 'Spine', found '1'"),
    "an offset that is no number": (GOLDEN.replace("0 50 0", "0 x 0"), 8, None, "OFFSET of 'Spine'"),
    "an offset of NaN": (GOLDEN.replace("0 50 0", "0 nan 0"), 8, None, "not a finite number"),
    "an infinite offset": (GOLDEN.replace("0 50 0", "0 1e999 0"), 8, None, "not a finite number"),
    "an offset of NaN in an end site": (GOLDEN.replace("0 20 0", "0 nan 0"), 16, None, "End Site of Head"),
    "an end site without an offset": (GOLDEN.replace("OFFSET 0 20 0", ""), 17, None, "End Site of Head"),
    "a joint in an end site": (GOLDEN.replace("OFFSET 0 20 0", "OFFSET 0 20 0 JOINT X"), 16, None, "must end with"),
    "two lists of channels": (
        GOLDEN.replace(HEAD_CHANNELS, f"{HEAD_CHANNELS} CHANNELS 0"),
        13,
        None,
        "second CHANNELS",
    ),
    "channels without their number": (
        GOLDEN.replace("CHANNELS 6 ", "CHANNELS "),
        5,
        None,
        "must begin with their number",
    ),
    "a negative number of channels": (GOLDEN.replace("CHANNELS 6", "CHANNELS -6"), 5, None, "found '-6'"),
    "more channels announced": (GOLDEN.replace("CHANNELS 6", "CHANNELS 7"), 6, None, "channel 7 of the 7 of 'Hips'"),
    "fewer channels announced": (GOLDEN.replace("CHANNELS 6", "CHANNELS 5"), 5, None, "found 'Yrotation'"),
    "an unknown channel": (GOLDEN.replace(HEAD_CHANNELS, "3 Yrotation Xscale Zrotation"), 13, None, "'Xscale'"),
    "a channel twice": (GOLDEN.replace(HEAD_CHANNELS, "3 Yrotation Yrotation Zrotation"), 13, None, "Yrotation twice"),
    "no channels at all": ("HIERARCHY ROOT A { OFFSET 0 1 0 }\n" + MOTION, None, None, "no joint has a channel"),
    "nothing after MOTION": (HIERARCHY + "MOTION\n", 21, None, "expected 'Frames: NUMBER'"),
    "no number of frames": (GOLDEN.replace("Frames: 2\n", ""), 22, None, "expected 'Frames: NUMBER'"),
    "frames that are no number": (GOLDEN.replace("Frames: 2", "Frames: many"), 22, None, "'many'"),
    "an empty number of frames": (GOLDEN.replace("Frames: 2", "Frames:"), 22, None, "number of frames is ''"),
    "negative frames": (GOLDEN.replace("Frames: 2", "Frames: -2"), 22, None, "'-2'"),
    "half frames": (GOLDEN.replace("Frames: 2", "Frames: 2.5"), 22, None, "'2.5'"),
    "no frame time": (GOLDEN.replace("Frame Time: 0.04\n", ""), 23, None, "expected 'Frame Time: SECONDS'"),
    "an empty frame time": (GOLDEN.replace("0.04", ""), 23, None, "frame time is ''"),
    "a frame time of zero": (GOLDEN.replace("0.04", "0"), 23, None, "frame time is '0'"),
    "a frame time of no time": (GOLDEN.replace("0.04", "1e-9"), 23, None, "'1e-9' seconds, less than a millionth"),
    "an endless frame time": (GOLDEN.replace("0.04", "9" * 5000), 23, None, "...', not a number of seconds"),
    "a negative frame time": (GOLDEN.replace("0.04", "-0.04"), 23, None, "frame time is '-0.04'"),
    "a frame time of NaN": (GOLDEN.replace("0.04", "nan"), 23, None, "frame time is 'nan'"),
    "an infinite frame time": (GOLDEN.replace("0.04", "inf"), 23, None, "frame time is 'inf'"),
    "a frame time with two commas": (GOLDEN.replace("0.04", "0,0,4"), 23, None, "frame time is '0,0,4'"),
    "a frame time of a second": (
        GOLDEN.replace("0.04", "1.0"),
        23,
        None,
        "1 frames a second; if that is right, add --source_fps 1,",
    ),
    "milliseconds": (GOLDEN.replace("0.04", "33.333"), 23, None, "if these are milliseconds, add --source_fps 30"),
    "milliseconds of 60": (
        GOLDEN.replace("0.04", "16.6667"),
        23,
        None,
        "if these are milliseconds, add --source_fps 60",
    ),
    "milliseconds of NTSC": (
        GOLDEN.replace("0.04", "33.3667"),
        23,
        None,
        "if these are milliseconds, add --source_fps 29.97",
    ),
    "frames of a day and more": (
        GOLDEN.replace("0.04", "86400"),
        23,
        None,
        "a day and more; give the frames per second by --source_fps",
    ),
    "a frame time of 5,000 digits": (GOLDEN.replace("0.04", "4" * 5000), 23, None, "frame time is '4444"),
    "a frame time of 5,000 zeros": (GOLDEN.replace("0.04", "0." + "0" * 5000 + "4"), 23, None, "frame time is '0.000"),
    "frames of 5,000 digits": (GOLDEN.replace("Frames: 2", "Frames: " + "2" * 5000), 22, None, "has 5000 digits"),
    "channels of 5,000 digits": (GOLDEN.replace("CHANNELS 6", "CHANNELS " + "6" * 5000), 5, None, "found '666"),
    "an offset of 5,000 digits": (
        GOLDEN.replace("0 50 0", "0 " + "5" * 5000 + " 0"),
        8,
        None,
        "is not a finite number",
    ),
    "a value of 5,000 digits": (GOLDEN.replace("10 90 5", "10 " + "9" * 5000 + " 5"), 25, 1, "is not a finite number"),
    "an offset times 1e160": (GOLDEN.replace("0 50 0", "0 50e160 0"), 8, None, "'50e160' is too large"),
    "a value of 1e308": (GOLDEN.replace("10 90 5", "10 1e308 5"), 25, 1, "'1e308' is too large"),
    "a value with an underscore": (GOLDEN.replace("10 90 5", "1_0 90 5"), 25, 1, "'1_0' is not a number"),
    "a name of 5,000 letters": (GOLDEN.replace("Spine\n  {", "S" * 5000 + "\n"), 6, None, "expected '{' after"),
    "more joints than any body has": (
        "HIERARCHY ROOT R { OFFSET 0 0 0 "
        + "".join(f"JOINT J{joint} {{ OFFSET 0 1 0 CHANNELS 0 }} " for joint in range(5000)),
        1,
        None,
        "more than 5000 joints",
    ),
    "no frames": (GOLDEN.replace(FRAME_0 + FRAME_1, ""), None, None, "holds no frames"),
    "no frames, and none announced": (HIERARCHY + "MOTION\nFrames: 0\nFrame Time: 0.04\n", None, None, "no frames"),
    "a partial last frame": (GOLDEN.replace(FRAME_1, "10 90 5 90\n"), 25, 1, "holds 4 of 12 numbers"),
    "a partial only frame": (GOLDEN.replace(FRAME_0 + FRAME_1, "0 90 0\n"), 24, 0, "holds 3 of 12 numbers"),
    "a partial frame in the middle": (GOLDEN.replace(FRAME_0, "0 90 0\n"), 24, 0, "holds 3 of 12 numbers"),
    "a frame with a number too many": (GOLDEN.replace(FRAME_1, "1 " + FRAME_1), 25, 1, "holds 13 of 12 numbers"),
    "a partial frame broken into lines": (
        GOLDEN.replace(FRAME_0 + FRAME_1, "0 90 0 0 0 0\n0 0 0 0 0 0\n10 90 5 90 0 0\n0 90"),
        26,
        1,
        "holds 8 of 12",
    ),
    "frames of another hierarchy": (GOLDEN.replace("CHANNELS " + HEAD_CHANNELS, ""), 24, 0, "holds 12 of 9 numbers"),
    "frames that only add up": (
        # 6 lines of 10 numbers are 5 frames of 12, but meant as 6.
        HIERARCHY + "MOTION\nFrames: 6\nFrame Time: .1\n" + "0 1 2 3 4 5 6 7 8 9\n" * 6,
        24,
        0,
        "holds 10 of 12 numbers",
    ),
    "NaN": (GOLDEN.replace("10 90 5", "10 nan 5"), 25, 1, "'nan' is not a finite number"),
    "infinity": (GOLDEN.replace("10 90 5", "10 -inf 5"), 25, 1, "'-inf' is not a finite number"),
    "an overflow": (GOLDEN.replace("10 90 5", "10 1e400 5"), 25, 1, "'1e400' is not a finite number"),
    "the NaN of a compiler": (GOLDEN.replace("10 90 5", "10 -1.#IND 5"), 25, 1, "'-1.#IND' is not a number"),
    "a word among the numbers": (GOLDEN.replace("10 90 5", "10 oops 5"), 25, 1, "'oops' is not a number"),
    "decimal commas": (
        GOLDEN.replace("10 90 5", "10,5 90 5"),
        25,
        1,
        "'10,5' is not a number; write decimals with a point",
    ),
    "numbers run together": (GOLDEN.replace("10 90 5", "10 90.5-3.2"), 25, 1, "'90.5-3.2' is not a number"),
    "a second motion": (GOLDEN + MOTION, 26, 2, "'MOTION' is not a number"),
    "a comment": (GOLDEN + "# end\n", 26, 2, "'#' is not a number"),
    "NaN in a frame broken into lines": (GOLDEN.replace("10 90 5 ", "10\n90\nnan\n"), 27, 1, "'nan' is not a finite"),
}


@pytest.mark.parametrize(("contents", "line", "frame", "part"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_gives_one_line_that_names_the_place(tmp_path, contents, line, frame, part):
    path = tmp_path / "broken.bvh"
    path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
    with pytest.raises(FormatError) as caught:
        read_bvh(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert part in message
    assert len(message) < len(str(path)) + 400
    assert caught.value.frame == frame
    if line is not None:
        assert caught.value.line == line


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(FormatError, match="is a folder"):
        read_bvh(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"gone\.bvh: cannot be read"):
        read_bvh(tmp_path / "gone.bvh")


def test_every_prefix_of_a_file_is_read_or_refused_as_malformed(tmp_path):
    path = tmp_path / "cut.bvh"
    for length in range(len(GOLDEN)):
        path.write_text(GOLDEN[:length])
        try:
            clip = read_bvh(path, unit="cm", up="y").clip
        except FormatError:
            continue
        assert length > GOLDEN.index("0 90 0")
        assert clip.num_frames in (1, 2)
