import os
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


def test_two_files_of_one_id_are_refused_with_both_names_and_the_option_that_helps(tmp_path):
    touch(tmp_path, "one/a.bvh", "two/a.bvh")
    with pytest.raises(DataError, match=r"two/a\.bvh: has the same id as .*one/a\.bvh; add --ids path .* two__a"):
        find_sources([tmp_path], (".bvh",))


def test_ids_from_paths_tell_equal_names_apart_and_never_change(tmp_path):
    touch(tmp_path, "one/a.bvh", "top.bvh", "two/deep/a.b.bvh")
    before = [source.sequence_id for source in find_sources([tmp_path], (".bvh",), ids="path")]
    touch(tmp_path, "two/a.bvh", "a.bvh", "one/deep/a.bvh")
    after = [source.sequence_id for source in find_sources([tmp_path], (".bvh",), ids="path")]
    assert before == ["one__a", "top", "two__deep__a.b"]
    assert after == ["a", "one__a", "one__deep__a", "top", "two__a", "two__deep__a.b"]


def test_paths_that_make_one_id_are_refused(tmp_path):
    touch(tmp_path, "one/a.bvh", "one__a.bvh")
    with pytest.raises(DataError, match=r"one__a\.bvh: has the same id as .*one/a\.bvh; rename one of them"):
        find_sources([tmp_path], (".bvh",), ids="path")


def test_a_name_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.bvh")).touch()
    with pytest.raises(DataError, match=r"'caf\\udce9' is not UTF-8"):
        find_sources([tmp_path], (".bvh",))


@pytest.mark.parametrize(("target", "kind"), (("/dev/zero", "a device"), (None, "a pipe")))
def test_what_is_no_file_is_refused_where_it_is_named_and_passed_over_in_folders(tmp_path, target, kind):
    touch(tmp_path, "good.bvh")
    path = tmp_path / "odd.bvh"
    path.symlink_to(target) if target else os.mkfifo(path)
    with pytest.raises(DataError, match=rf"odd\.bvh: cannot be read \(it is {kind}"):
        find_sources([path], (".bvh",))
    assert [source.sequence_id for source in find_sources([tmp_path], (".bvh",))] == ["good"]


def test_folders_that_may_not_be_looked_into_are_named(tmp_path, monkeypatch):
    touch(tmp_path, "good.bvh", "closed/a.bvh")
    scandir = os.scandir

    def closed(path):  # To root every folder is open.
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(DataError, match=r"closed: cannot be read \(Permission denied\)"):
        find_sources([tmp_path], (".bvh",))


def test_a_path_that_cannot_exist_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"(File name too long|does not exist)"):
        find_sources([tmp_path / ("a" * 300)], (".bvh",))


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
