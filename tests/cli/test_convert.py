"""``transflower convert``."""

import av
import numpy as np
import pytest

from tests.formats.character.characters import Character
from tests.generation.factories import make_song
from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from tests.motion.retarget.test_retarget import dance
from transflower import cli
from transflower.audio.writing import write_wav
from transflower.features.extraction.motion import extract_motion
from transflower.features.extraction.options import MotionExtraction
from transflower.formats.bvh import read_bvh, write_bvh
from transflower.formats.bvh_layout import BvhLayout
from transflower.formats.gltf.container import read_gltf
from transflower.motion.kinematics import forward

SMALL = ("--render.width", "64", "--render.height", "64", "--render.fps", "10")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two motions, one of them in a folder below, features of the first, and a song."""
    folder = tmp_path_factory.mktemp("motions")
    (folder / "more").mkdir()
    (folder / "empty").mkdir()
    write_bvh(folder / "one.bvh", make_clip(20))
    write_bvh(folder / "more" / "two.bvh", make_clip(16), layout=BvhLayout(metres_per_unit=1.0))
    extract_motion([folder / "one.bvh"], folder / "features", MotionExtraction(fps=30.0))
    write_wav(folder / "song.wav", make_song(0.5))
    return folder


def convert(folder, *words: str) -> int:
    return cli.main(["convert", *(word.replace("DIR", str(folder)) for word in words)])


def test_a_file_goes_to_another_format_and_back(folder, tmp_path, capsys):
    assert convert(folder, "DIR/one.bvh", str(tmp_path / "new" / "one.glb")) == 0
    assert capsys.readouterr().out == f"{tmp_path}/new/one.glb\n"
    assert (tmp_path / "new" / "one.glb").read_bytes()[:4] == b"glTF"
    assert convert(folder, "DIR/one.bvh", str(tmp_path / "slow.bvh"), "--fps", "15") == 0
    assert read_bvh(tmp_path / "slow.bvh").clip.fps == 15


def test_the_layout_of_a_bvh_is_kept(folder, tmp_path):
    assert convert(folder, "DIR/more/two.bvh", str(tmp_path / "two.bvh")) == 0
    assert (tmp_path / "two.bvh").read_bytes() == (folder / "more" / "two.bvh").read_bytes()


def test_motion_is_put_on_a_character(folder, tmp_path):
    character = Character(Body(names=CONVENTIONS["mixamo"])).write(tmp_path / "me.glb")
    write_bvh(tmp_path / "waltz.bvh", dance())
    waltz = str(tmp_path / "waltz.bvh")
    assert convert(folder, waltz, str(tmp_path / "one.glb"), "--onto", str(character)) == 0
    assert read_gltf(tmp_path / "one.glb").document["materials"] == read_gltf(character).document["materials"]
    assert convert(folder, waltz, str(tmp_path / "one.bvh"), "--onto", str(character)) == 0
    assert "mixamorig:Hips" in (tmp_path / "one.bvh").read_text()


def test_stored_features_are_motion(folder, tmp_path):
    assert convert(folder, "DIR/features/one.motion.npy", str(tmp_path / "one.bvh")) == 0
    there, back = (read_bvh(path).clip for path in (folder / "one.bvh", tmp_path / "one.bvh"))
    assert back.num_frames == there.num_frames
    # Features start where they are: of the world they keep the heights.
    np.testing.assert_allclose(forward(back)[0][1:, :, 1], forward(there)[0][1:, :, 1], atol=0.02)


def test_a_video_shows_others_beside_it_and_has_the_music(folder, tmp_path):
    words = ("DIR/one.bvh", str(tmp_path / "both.mp4"), "--beside", "DIR/more/two.bvh", "--music", "DIR/song.wav")
    assert convert(folder, *words, *SMALL) == 0
    with av.open(str(tmp_path / "both.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    alone = ("DIR/one.bvh", str(tmp_path / "alone.mp4"))
    assert convert(folder, *alone, *SMALL) == 0
    assert (tmp_path / "alone.mp4").read_bytes() != (tmp_path / "both.mp4").read_bytes()


def test_a_folder_goes_file_by_file_and_a_bad_one_does_not_stop_the_others(folder, tmp_path, capsys):
    (folder / "more" / "bad.bvh").write_text("nothing")
    code = convert(folder, "DIR/more", str(tmp_path / "out"), "--format", "bvh,glb")
    (folder / "more" / "bad.bvh").unlink()
    assert code == 2
    assert "1 files could not be converted" in (error := capsys.readouterr().err)
    assert error.count("bad.bvh") == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["two.bvh", "two.glb"]
    assert convert(folder, "DIR/one.bvh", str(folder / "one.npz"), "--overwrite") == 0
    np.save(folder / "features" / "one.audio.npy", np.zeros((4, 2), np.float32))
    (folder / "features" / "audio.json").write_text('{"kind": "audio"}')
    Character(Body(names=CONVENTIONS["mixamo"])).write(folder / "hero.glb")
    assert convert(folder, "DIR", str(tmp_path / "all"), "--format", "glb") == 0
    # Of one.bvh and one.npz one is taken, and audio features and characters are no motion.
    names = ["features__one.motion.glb", "more__two.glb", "one.glb"]
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == names


def test_files_that_are_there_are_kept_unless_asked(folder, tmp_path, capsys):
    target = tmp_path / "one.glb"
    target.write_text("precious")
    assert convert(folder, "DIR/one.bvh", str(target)) == 2
    assert "one.glb is there already; add --overwrite" in capsys.readouterr().err
    assert target.read_text() == "precious"
    assert convert(folder, "DIR/one.bvh", str(target), "--overwrite") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["DIR/one.bvh"], "target: is required"),
        (["DIR/missing.bvh", "OUT/x.glb"], "missing.bvh"),
        (["DIR/one.bvh", "OUT/x.fbx"], "x.fbx: what shall it be? Names end with .bvh, "),
        (["DIR/one.bvh", "OUT/x.npy"], "x.npy: what shall it be?"),
        (["DIR/song.wav", "OUT/x.bvh"], "song.wav: is of no format that holds motion; there are: .bvh"),
        (
            ["DIR/features/one.npy", "OUT/x.bvh"],
            "one.npy: cannot be read (No such file",
        ),
        (["DIR/features/two.motion.npy", "OUT/x.bvh"], "two.motion.npy"),
        (["DIR", "OUT"], "is a folder: name the formats of the files by --format"),
        (["DIR", "OUT", "--format", "fbx"], "there is no format 'fbx'"),
        (["DIR", "OUT", "--format", "glb", "--bvh_preset", "unity"], "only a .bvh has a BVH preset"),
        (["DIR/empty", "OUT", "--format", "glb"], "empty holds no motion; that is in files that end in .bvh"),
        (["DIR/one.bvh", "OUT/x.vrm"], "a .vrm file is a character with a dance inside"),
        (["DIR/one.bvh", "OUT/x.glb", "--format", "glb"], "--format is for folders"),
        (["DIR/one.bvh", "OUT/x.glb", "--fps", "0"], "--fps"),
        (["DIR/one.bvh", "OUT/x.mp4", "--music", "DIR/missing.wav"], "missing.wav"),
        (["DIR/one.bvh", "OUT/x.glb", "--beside", "DIR/more/two.bvh"], "holds one body, and there are one, two"),
    ],
)
def test_what_cannot_be_converted_exits_with_2_and_writes_nothing(folder, tmp_path, capsys, words, message):
    out = tmp_path / "out"
    assert convert(folder, *(word.replace("OUT", str(out)) for word in words)) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("transflower: error: ") == 1
    assert not [path for path in out.rglob("*") if path.is_file()]


@pytest.mark.parametrize("argv", [["take.bvh", "take.bvh"], [".", ".", "--format", "bvh"]])
def test_a_recording_is_never_replaced_by_what_is_made_of_it(tmp_path, monkeypatch, capsys, argv):
    monkeypatch.chdir(tmp_path)
    write_bvh(tmp_path / "take.bvh", make_clip(20))
    before = (tmp_path / "take.bvh").read_bytes()
    assert cli.main(["convert", *argv, "--overwrite"]) == 2
    assert "take.bvh is the recording itself; choose another name" in capsys.readouterr().err
    assert (tmp_path / "take.bvh").read_bytes() == before
