"""What cannot be written is said in one sentence that names the file, whatever the library says."""

import errno
import os
import shutil

import numpy as np
import pytest

from transflower.core.errors import FormatError, WriteError
from transflower.core.files import atomic_folder, atomic_path, check_file, write_array


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_full_disk_names_the_file_and_leaves_the_old_one(tmp_path, code):
    path = tmp_path / "song.bvh"
    path.write_text("old")
    with (
        pytest.raises(WriteError, match=r"^no space left on /.* while writing .*song\.bvh; "),
        atomic_path(path) as file,
    ):
        file.write_text("half")
        raise OSError(code, os.strerror(code), "elsewhere")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("151284 requested and 0 written"), RuntimeError("unexpected pos 64 vs 0")])
def test_library_that_does_not_say_why_is_understood_where_the_disk_is_full(tmp_path, monkeypatch, error):
    with pytest.raises(type(error), match=r"requested|unexpected"), atomic_path(tmp_path / "a.npy"):
        raise error
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 4096))
    with pytest.raises(WriteError, match="no space left"), atomic_path(tmp_path / "a.npy"):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_disk_that_fills_up_for_real_is_named(tmp_path):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with (
            pytest.raises(WriteError, match=r"no space left on .* while writing .*a\.txt"),
            atomic_path(tmp_path / "a.txt") as path,
        ):
            path.write_bytes(b"0" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_file_that_may_not_be_written_is_named(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(WriteError, match=r"^Permission denied while writing .*a\.npy"):
        write_array(tmp_path / "a.npy", np.zeros(3))
    with (
        pytest.raises(WriteError, match=r"^Permission denied while writing .*best"),
        atomic_folder(tmp_path / "best") as best,
    ):
        (best / "model").touch()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["model.npy", "parts/model.npy"])
def test_file_of_a_folder_is_named_as_it_would_be_called(tmp_path, place):
    with (
        pytest.raises(WriteError, match=rf"while writing {tmp_path}/best/{place}; ") as caught,
        atomic_folder(tmp_path / "best") as best,
        atomic_path(best / place),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.path == tmp_path / "best" / place
    assert list(tmp_path.iterdir()) == []


def test_file_beside_a_folder_that_is_written_keeps_its_name(tmp_path):
    with (
        pytest.raises(WriteError, match=rf"while writing {tmp_path}/notes; "),
        atomic_folder(tmp_path / "best"),
        atomic_path(tmp_path / "notes"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(WriteError, match=r"while writing .*a\.txt"), atomic_path(tmp_path / "a.txt") as path:
        path.touch()


def test_file_that_could_not_be_read_is_not_blamed_on_the_one_that_is_written(tmp_path):
    with pytest.raises(FormatError, match="song"), atomic_path(tmp_path / "a.txt"):
        check_file(tmp_path / "song")
    with pytest.raises(PermissionError, match="song"), atomic_path(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "song"))
