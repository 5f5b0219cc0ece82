"""Files appear whole or not at all; names stay in their folder."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from transflower.core.errors import DataError, FormatError
from transflower.core.files import (
    atomic_folder,
    atomic_path,
    check_file,
    check_folder,
    check_name,
    check_path,
    read_bytes,
    read_json,
    read_text,
    remove_leftovers,
    write_array,
    write_json,
    write_text,
)


def test_atomic_path_makes_the_parent_and_keeps_the_suffix(tmp_path):
    with atomic_path(tmp_path / "new" / "song.npy") as temporary:
        assert temporary.suffix == ".npy"
        temporary.write_bytes(b"whole")
        assert not (tmp_path / "new" / "song.npy").exists()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["song.npy"]


def test_atomic_path_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "song.npy"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_atomic_path_into_which_nothing_was_written_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "song.npy"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_atomic_folder_replaces_the_old_one_whole(tmp_path):
    folder = tmp_path / "best"
    for name in ("first", "second"):
        with atomic_folder(folder) as temporary:
            (temporary / name).touch()
    assert [path.name for path in folder.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [folder]


def test_atomic_folder_that_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    folder = tmp_path / "best"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(RuntimeError), atomic_folder(folder) as temporary:
        (temporary / "half").touch()
        raise RuntimeError
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


def test_folder_that_is_there_or_can_be_made_is_fine(tmp_path):
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "folder")
    check_folder("new")


def test_folder_that_is_a_file_or_lies_in_one_is_refused(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "new"):
        with pytest.raises(DataError, match=r"file is a file, not a folder; choose another --out"):
            check_folder(folder)


def test_folder_that_may_not_be_written_to_is_refused(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    # To root every folder is open.
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / "closed" or not mode & os.W_OK)
    for folder in (tmp_path / "closed", tmp_path / "closed" / "new"):
        with pytest.raises(DataError, match=r"closed may not be written to"):
            check_folder(folder)


def test_text_is_written_as_utf8_with_plain_line_ends(tmp_path):
    write_text(tmp_path / "list.txt", "Tänze\n")
    assert (tmp_path / "list.txt").read_bytes() == "Tänze\n".encode()


def test_json_is_read_back(tmp_path):
    value = {"names": ["Hüfte", "a:b"], "fps": 30.0, "row": [1, 2.5, None]}
    write_json(tmp_path / "motion.json", value)
    assert read_json(tmp_path / "motion.json") == value


def test_json_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "motion.json", {"bad": object()})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1"),
        (b'{"fps": 30', "line 1"),
        (b'{\n"fps": 30,\n}', "line"),
        (b"\xff\xfe{}", "UTF-8"),
    ],
    ids=["empty", "truncated", "comma too many", "not text"],
)
def test_malformed_json_names_file_and_place(tmp_path, content, place):
    path = tmp_path / "motion.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=place) as caught:
        read_json(path)
    assert str(path) in str(caught.value)


def test_json_that_is_nested_without_end_is_refused(tmp_path):
    (tmp_path / "motion.json").write_text("[" * 100_000)
    with pytest.raises(FormatError, match=r"motion\.json: is nested too deeply"):
        read_json(tmp_path / "motion.json")


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_json_that_cannot_be_read_names_the_file(tmp_path, kind):
    path = tmp_path / "motion.json"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(FormatError, match=r"motion\.json: cannot be read"):
        read_json(path)


@pytest.mark.parametrize("name", ["take 1", "a.b", "..a", "gBR_sBM_cAll", "踊り", "-x"])
def test_names_that_stay_in_their_folder_are_allowed(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\\b", "a\0b", "a/"])
def test_names_that_could_leave_their_folder_are_refused(name):
    with pytest.raises(DataError, match="feature name"):
        check_name(name, what="feature name")


@pytest.mark.parametrize("name", ["x" * 256, "踊り" * 50])
def test_names_that_no_file_can_have_are_refused(name):
    check_name(name[:40])
    with pytest.raises(DataError, match="255 are the most"):
        check_name(name)


def test_written_json_is_readable_by_people(tmp_path):
    write_json(tmp_path / "a.json", {"name": "Hüfte", "fps": 30})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert "Hüfte" in text
    assert len(text.splitlines()) > 1
    assert json.loads(text)["fps"] == 30


def test_temporary_of_the_longest_name_is_no_longer(tmp_path):
    for name in ("a" * 251 + ".npy", "踊" * 83 + ".bvh", "a." + "b" * 253):
        check_path(tmp_path / name)
        write_text(tmp_path / name, "whole")
        assert [path.name for path in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()


@pytest.mark.parametrize("name", ["a" * 252 + ".npy", "踊" * 86])
def test_name_that_no_file_can_have_is_refused(tmp_path, name):
    with pytest.raises(DataError, match="bytes, 255 are the most; shorten it"):
        check_path(tmp_path / name)
    with pytest.raises(DataError, match="255 are the most"):
        check_folder(tmp_path / name / "out")


def test_leftovers_of_killed_processes_are_removed_and_of_others_are_not(tmp_path):
    program = (
        "import os, sys; from transflower.core.files import atomic_path\n"
        "with atomic_path(sys.argv[1]) as temporary:\n    temporary.touch()\n    os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "song.mp4")], check=False)
    assert len(list(tmp_path.glob(".song.*.mp4"))) == 1
    other_host = tmp_path / ".song.00000000-999999999-abcdef.mp4"
    other_host.touch()
    (tmp_path / ".hidden.mp4").touch()
    with atomic_path(tmp_path / "mine.mp4") as temporary:
        temporary.touch()
        remove_leftovers(tmp_path)
        assert temporary.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"mine.mp4", ".hidden.mp4", other_host.name}
    remove_leftovers(tmp_path / "not there")


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device", "folder", "socket"])
def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path, kind):
    path = tmp_path / "song.wav"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        import socket

        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(FormatError, match=rf"song\.wav: cannot be read \(it is a {kind.split()[-1]}, not a file\)"):
        check_file(path)
    with pytest.raises(FormatError, match="cannot be read"):
        read_bytes(path, limit=10)


def test_name_with_a_zero_byte_is_refused(tmp_path):
    with pytest.raises(FormatError, match="cannot be read"):
        check_file("a\0b")


def test_file_is_read_up_to_its_bound(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"a\r\nb\n")
    assert read_text(tmp_path / "list.txt", limit=5) == "a\nb\n"
    with pytest.raises(FormatError, match=r"is larger than .* MB"):
        read_text(tmp_path / "list.txt", limit=4)


@pytest.mark.parametrize("number", ["1e400", "-1e16", "Infinity", "NaN", "9" * 5000, "1e" + "9" * 5000])
def test_json_numbers_that_cannot_be_meant_are_refused(tmp_path, number):
    (tmp_path / "motion.json").write_text(f'{{"fps": {number}}}')
    with pytest.raises(FormatError, match=r"motion\.json: '") as caught:
        read_json(tmp_path / "motion.json")
    assert len(str(caught.value)) < 200 + len(str(tmp_path))


def test_array_is_written_whole(tmp_path):
    write_array(tmp_path / "a.npy", np.arange(3))
    assert np.load(tmp_path / "a.npy").tolist() == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
