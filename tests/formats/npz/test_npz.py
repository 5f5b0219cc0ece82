import io
import zipfile

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import FormatError
from transflower.formats.bvh import read_bvh
from transflower.formats.format import ReadOptions
from transflower.formats.npz.archive import write_archive
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, read_recording
from transflower.motion import rotations as rot
from transflower.motion.anatomy import points
from transflower.motion.kinematics import forward

CLIP = make_clip(50, fps=24000 / 1001, skeleton=make_skeleton(above=("Root",)), moving=("Spine",))


def written(clip, path):
    FORMATS["npz"].write(path, Recording(clip=clip))
    return path


def test_what_was_written_is_read_again_exactly(tmp_path):
    again = read_recording(written(CLIP, tmp_path / "a.npz")).clip
    assert again.skeleton.to_dict() == CLIP.skeleton.to_dict()
    assert again.fps == CLIP.fps
    assert (again.rotations == CLIP.rotations).all()
    assert again.translations.keys() == CLIP.translations.keys()
    assert all((again.translations[joint] == track).all() for joint, track in CLIP.translations.items())


def test_other_programs_find_positions_and_contacts(tmp_path):
    with np.load(written(CLIP, tmp_path / "a.npz")) as arrays:
        np.testing.assert_allclose(arrays["positions"], forward(CLIP)[0], atol=1e-6)
        assert arrays["contacts"].shape == (50, 2)
        assert arrays["names"][arrays["contact_joints"]].tolist() == ["LeftFoot", "RightFoot"]


def test_a_foot_that_stands_is_in_contact_and_one_that_swings_is_not(tmp_path):
    clip = make_clip(60, degrees=0)
    clip.translations[0][:] = [0, 0.85, 0]
    hip = clip.skeleton.index("RightUpLeg")
    swing = np.zeros((60, 3))
    swing[:, 0] = 0.9 * np.sin(np.arange(60) / 3)
    clip.rotations[:] = [1, 0, 0, 0]
    clip.rotations[:, hip] = rot.from_expmap(swing)
    with np.load(written(clip, tmp_path / "a.npz")) as arrays:
        assert arrays["contacts"][:, 0].all()
        assert arrays["contacts"][:, 1].mean() < 0.5


def test_the_same_clip_gives_the_same_bytes(tmp_path):
    assert written(CLIP, tmp_path / "a.npz").read_bytes() == written(CLIP, tmp_path / "b.npz").read_bytes()


def test_unit_axis_and_rate_can_be_said(tmp_path):
    path = written(make_clip(20), tmp_path / "a.npz")
    plain = read_recording(path).clip
    other = read_recording(path, ReadOptions(unit="cm", up="z", fps=15.0)).clip
    x, y, z = np.moveaxis(forward(plain)[0], -1, 0)
    assert other.fps == 15
    np.testing.assert_allclose(forward(other)[0], 0.01 * np.stack([x, z, -y], axis=-1), atol=1e-9)


@pytest.mark.real_data
def test_real_recordings_go_through_npz(real_bvh, tmp_path):
    try:
        clip = read_bvh(real_bvh).clip
    except FormatError as error:
        pytest.skip(str(error))
    again = read_recording(written(clip, tmp_path / "a.npz")).clip
    np.testing.assert_array_equal(points(again), points(clip))


def arrays():
    return {
        "names": np.array(["Hips", "Spine"]),
        "parents": np.array([-1, 0]),
        "offsets": np.array([[0.0, 0, 0], [0, 0.5, 0]]),
        "fps": np.array(30.0),
        "rotations": np.tile([1.0, 0, 0, 0], (4, 2, 1)),
        "translations": np.zeros((4, 1, 3)),
    }


def npz(**changes):
    stream = io.BytesIO()
    np.savez(stream, **{name: array for name, array in (arrays() | changes).items() if array is not None})
    return stream.getvalue()


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def header(shape, dtype="<f8", data=b""):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + data


def poses(**changes):
    given = {"poses": np.zeros((4, 72)), "trans": np.zeros((4, 3)), "mocap_framerate": np.array(60.0)} | changes
    stream = io.BytesIO()
    np.savez(stream, **{name: array for name, array in given.items() if array is not None})
    return stream.getvalue()


WITH_NAN = np.zeros((4, 3))
WITH_NAN[2, 1] = np.nan
# name: (contents, or what makes them where that takes seconds; part of the message)
MALFORMED = {
    "empty": (b"", "is no .npz archive"),
    "text": (b"hello", "is no .npz archive"),
    "cut short": (npz()[:-30], "is no .npz archive, or is cut short"),
    "damaged": (npz().replace(b"\0\0\0\0\0\0\xf0\x3f", b"\0\0\0\0\0\1\xf0\x3f"), "holds a damaged array"),
    "no motion": (npz(names=None, rotations=None), "holds no motion"),
    "arrays of features": (zipped(x=header((2,), data=bytes(16))), "holds no motion"),
    "objects": (npz(names=np.array([{}, 1], dtype=object)), "as Python objects, which are never unpickled"),
    "names that are numbers": (npz(names=np.arange(2)), "a list of words is needed"),
    "no joints": (npz(names=np.array([], "U1")), "has 0 joints"),
    "names twice": (npz(names=np.array(["Hips", "Hips"])), "joint names must be unique"),
    "rotations of another shape": (npz(rotations=np.zeros((4, 3, 4))), "shape [4, 3, 4], [any, 2, 4] is needed"),
    "rotations of zeros": (npz(rotations=np.zeros((4, 2, 4))), "rotations that are none: of 'Hips' in frame 0"),
    "no frames": (npz(rotations=np.zeros((0, 2, 4)), translations=np.zeros((0, 1, 3))), "at least one frame"),
    "parents after children": (npz(parents=np.array([1, -1])), "must come after its parent"),
    "a circle": (npz(parents=np.array([-1, 1])), "must come after its parent"),
    "too few translations": (npz(translations=np.zeros((3, 1, 3))), "[4, 1, 3] is needed"),
    "a rate of nothing": (npz(fps=np.array(0.0)), "has 0 frames a second"),
    "a rate that is none": (npz(fps=np.array(np.nan)), "fps that is not a finite number"),
    "offsets with NaN": (npz(offsets=np.full((2, 3), np.nan)), "not finite, or huge, at [0, 0]"),
    "a joint too far": (npz(translated=np.array([7])), "translated with a joint that there is not"),
    "a bomb": (
        lambda: zipped(names=header((2,), "<U4", bytes(32)), poses=header((2**27, 72)) + bytes(2**29), trans=b""),
        "would unpack to more than 512 MB",
    ),
    "a header that lies": (zipped(poses=header((10**9, 72)), trans=b""), "shorter than it says"),
    "poses of no body": (poses(poses=np.zeros((4, 70))), "poses of 70 numbers"),
    "poses without frames": (poses(poses=np.zeros((0, 72)), trans=np.zeros((0, 3))), "in 0 frames"),
    "poses of another length": (poses(trans=np.zeros((3, 3))), "trans of shape [3, 3], [4, 3] is needed"),
    "poses without a rate": (poses(mocap_framerate=None), "does not tell its frame rate; give it by --source_fps"),
    "translations with NaN": (
        poses(trans=WITH_NAN),
        "number that is not finite, or huge, at [2, 1]",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_archive_is_refused_in_one_sentence(name, tmp_path):
    content, message = MALFORMED[name]
    path = tmp_path / "bad.npz"
    path.write_bytes(content() if callable(content) else content)
    with pytest.raises(FormatError) as error:
        read_recording(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "changes", [{"poses": np.zeros((4000, 72), np.uint8)}, {"names": np.zeros(70_000, "U1"), "poses": None}]
)
def test_what_becomes_large_when_it_is_read_is_refused(changes, tmp_path, monkeypatch):
    monkeypatch.setattr("transflower.formats.arrays._MOST_BYTES", 2**20)
    (tmp_path / "bomb.npz").write_bytes(poses(**changes) if "names" not in changes else npz(**changes))
    with pytest.raises(FormatError, match="would unpack to more than 1 MB"):
        read_recording(tmp_path / "bomb.npz")


def test_too_many_arrays_are_refused(tmp_path):
    write_archive(tmp_path / "many.npz", {str(index): np.zeros(1) for index in range(1001)})
    with pytest.raises(FormatError, match="holds 1001 arrays"):
        read_recording(tmp_path / "many.npz")
