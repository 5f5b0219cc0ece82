"""The dances that paths name, and their song."""

from pathlib import Path

import pytest

from tests.viewer.factories import make_dance
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import write_bvh
from transflower.viewer.opening import find_dances, find_sound, open_dances, title_of


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for number in (1, 0):
        write_bvh(folder / f"song_{number}.bvh", make_dance(seconds=0.5).clip)
    (folder / "song.html").write_text("")
    return folder


def test_a_folder_gives_its_motion_files_by_name(folder):
    files = find_dances([folder])
    assert [file.name for file in files] == ["song_0.bvh", "song_1.bvh"]
    assert [dance.name for dance in open_dances(files)] == ["dance 0", "dance 1"]
    assert title_of(files) == "song"


def test_files_of_one_name_are_told_apart_by_their_folders(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_bvh(other / "song_0.bvh", make_dance(seconds=0.5).clip)
    files = [folder / "song_0.bvh", other / "song_0.bvh"]
    assert [dance.name for dance in open_dances(files)] == ["song/song_0", "other/song_0"]


@pytest.mark.parametrize("name", ["song.wav", "song_1.mp4", "song_0.mp3"])
def test_the_song_beside_a_dance_is_found(folder, name):
    files = find_dances([folder])
    assert find_sound(files) is None
    (folder / name).write_bytes(b"")
    assert find_sound(files) == folder / name


def test_dances_without_a_common_name_are_called_as_their_folder():
    assert title_of([Path("/dances/here/a.bvh"), Path("/dances/here/b.bvh")]) == "here"


def test_what_cannot_be_shown_is_named(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="empty holds no motion"):
        find_dances([empty])
    with pytest.raises(DataError, match="a page shows 8 dances, and there are 10"):
        find_dances([folder] * 5)
    with pytest.raises(FormatError, match=r"nowhere\.bvh"):
        open_dances(find_dances([tmp_path / "nowhere.bvh"]))
