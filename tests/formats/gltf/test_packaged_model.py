"""Dances of the model of the package, as the programs of others find them."""

from contextlib import suppress

import pytest

import transflower
from tests.conftest import chosen
from tests.formats.character.test_gltf import KINDS
from tests.formats.gltf.node import assert_valid, needs_node
from tests.formats.gltf.vrma_schema import assert_keeps_schema
from tests.generation.factories import make_song
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError
from transflower.formats.character import open_character
from transflower.formats.gltf.writer import write_glb
from transflower.formats.recording import Recording

pytestmark = needs_node
CHARACTERS = [name for name in KINDS if name != "old.vrm"]  # the validator warns of the name of that extension


@pytest.fixture(scope="module")
def dance(tmp_path_factory):
    song = tmp_path_factory.mktemp("songs") / "song.wav"
    write_wav(song, make_song(2.0))
    return transflower.load().dance(song, seed=1)


def test_its_dance_is_valid(dance, tmp_path):
    paths = [dance.save(tmp_path / f"dance.{end}") for end in ("glb", "vrma")]
    assert_valid(*paths)
    assert_keeps_schema(paths[1])


@pytest.mark.parametrize("name", CHARACTERS)
def test_its_dance_on_a_character_is_valid(name, dance, tmp_path):
    character = open_character(KINDS[name].write(tmp_path / name))
    character.write(tmp_path / "out.glb", character.put(dance.clip))
    assert_valid(tmp_path / "out.glb")


@pytest.mark.real_data
def test_its_dance_on_real_skeletons_is_valid(dance, real_data_dir, tmp_path):
    paths = []
    for real in chosen(sorted(real_data_dir.rglob("*.bvh")), most=2):
        with suppress(FormatError, DataError):
            paths.append(tmp_path / f"{real.stem}.glb")
            write_glb(paths[-1], Recording(clip=open_character(real).put(dance.clip)))
    written = [path for path in paths if path.exists()]
    if not written:
        pytest.skip("no real skeleton of a body")
    assert_valid(*written)
