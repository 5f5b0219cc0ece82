"""``transflower convert --onto``."""

import pytest

from tests.formats.character.characters import Character
from tests.motion.factories import make_clip
from tests.motion.humanoid.bodies import CONVENTIONS, Body
from tests.motion.retarget.test_retarget import dance
from transflower import cli
from transflower.formats.bvh import read_bvh, write_bvh
from transflower.formats.gltf.container import read_gltf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A dance, a character and another one."""
    folder = tmp_path_factory.mktemp("characters")
    write_bvh(folder / "dance.bvh", dance(num_frames=20))
    Character(Body(names=CONVENTIONS["vroid"]), vrm="1.0").write(folder / "ann.vrm")
    write_bvh(folder / "bob.bvh", dance(Body(names=CONVENTIONS["unreal"], legs=1.2)))
    return folder


def convert(folder, *words: str) -> int:
    return cli.main(["convert", str(folder / "dance.bvh"), *(word.replace("DIR", str(folder)) for word in words)])


def test_a_character_comes_back_with_the_dance(folder, tmp_path):
    assert convert(folder, str(tmp_path / "out.vrm"), "--onto", "DIR/ann.vrm") == 0
    document = read_gltf(tmp_path / "out.vrm").document
    assert [entry["name"] for entry in document["animations"]] == ["out"]
    assert len(document["images"]) == 2


def test_a_dance_on_a_character_is_written_in_other_formats(folder, tmp_path):
    assert convert(folder, str(tmp_path / "out.bvh"), "--onto", "DIR/ann.vrm") == 0
    assert "J_Bip_C_Hips" in read_bvh(tmp_path / "out.bvh").clip.skeleton.names
    assert convert(folder, str(tmp_path / "out.glb"), "--onto", "DIR/bob.bvh") == 0
    assert "thigh_l" in {node.get("name") for node in read_gltf(tmp_path / "out.glb").document["nodes"]}


def test_the_table_is_written_and_obeyed(folder, tmp_path, capsys):
    words = (str(tmp_path / "out.bvh"), "--onto", "DIR/bob.bvh", "--map", str(tmp_path / "bones.txt"), "--overwrite")
    assert convert(folder, *words) == 0
    text = (tmp_path / "bones.txt").read_text()
    assert "leftFoot: foot_l\n" in text
    (tmp_path / "bones.txt").write_text(text.replace("foot_l", "foot_x"))
    assert convert(folder, *words) == 2
    assert "the character has no joint 'foot_x'; did you mean foot_" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--map", "bones.txt"), "--map is the table of a character; name it by --onto"),
        (("--onto", "DIR/nobody.glb"), "nobody.glb"),
        (("--onto", "DIR/song.wav"), "is no character; there are: .bvh, .glb, .gltf, .vrm"),
        (
            ("--onto", "DIR/small.bvh"),
            "small.bvh has no hips, spine, head, left upper leg, left lower leg and 10 bones more that can be",
        ),
    ],
)
def test_what_cannot_dance_is_one_line(words, told, folder, tmp_path, capsys):
    write_bvh(folder / "small.bvh", make_clip(4))
    assert convert(folder, str(tmp_path / "out.bvh"), *words) == 2
    error = capsys.readouterr().err
    assert told in error.splitlines()[-1]
    assert not (tmp_path / "out.bvh").exists()
