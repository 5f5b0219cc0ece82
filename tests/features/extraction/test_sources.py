from pathlib import Path

import pytest

from transflower.core.errors import DataError
from transflower.features.extraction.sources import Source, find_sources


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_folders_are_searched_to_their_depths_and_ids_are_sorted(tmp_path):
    touch(tmp_path, "z.bvh", "sub/deep/a.b.BVH", "sub/notes.txt", "._z.bvh", "folder.bvh/m.bvh")
    assert find_sources([tmp_path], (".bvh",)) == [
        Source("a.b", tmp_path / "sub/deep/a.b.BVH"),
        Source("m", tmp_path / "folder.bvh/m.bvh"),
        Source("z", tmp_path / "z.bvh"),
    ]


def test_a_file_given_twice_is_one_recording(tmp_path):
    touch(tmp_path, "a.bvh")
    assert len(find_sources([tmp_path, tmp_path / "a.bvh", str(tmp_path / "a.bvh")], (".bvh",))) == 1


def test_two_files_of_one_id_are_refused_with_both_names(tmp_path):
    touch(tmp_path, "one/a.bvh", "two/a.bvh")
    with pytest.raises(DataError, match=r"two/a\.bvh: has the same id as .*one/a\.bvh"):
        find_sources([tmp_path], (".bvh",))


def test_all_problems_are_listed_at_once(tmp_path):
    touch(tmp_path, "a.wav", "empty/notes.txt")
    paths = [tmp_path / "missing", tmp_path / "a.wav", tmp_path / "empty"]
    with pytest.raises(
        DataError, match=r"(?s)missing: does not exist.*a\.wav: is not a \.bvh file.*empty: holds no \.bvh"
    ):
        find_sources(paths, (".bvh",))


def test_no_path_at_all_is_refused():
    with pytest.raises(DataError, match="no file or folder is given"):
        find_sources([], (".wav", ".mp3"))
