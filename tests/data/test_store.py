import io
import os
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.factories import ramp, write_folder
from transflower.core.errors import DataError, FormatError
from transflower.data import store as store_module
from transflower.data.check import CheckConfig, check_folder
from transflower.data.store import Store


def test_list_of_the_2021_layout_is_read_as_it_is_found(tmp_path):
    (tmp_path / "base_filenames_train.txt").write_bytes(b"\xef\xbb\xbfone\r\n\r\n  two.x \r\n\nthree\tlast")
    assert Store(tmp_path).ids("train") == ["one", "two.x", "three\tlast"]


def test_last_id_without_newline_keeps_its_last_letter(tmp_path):
    (tmp_path / "base_filenames_val.txt").write_bytes(b"song1\nsong2")
    assert Store(tmp_path).ids("val") == ["song1", "song2"]


def test_id_listed_twice_is_read_once(tmp_path):
    (tmp_path / "base_filenames_train.txt").write_text("b\na\nb\n")
    assert Store(tmp_path).ids("train") == ["b", "a"]


@pytest.mark.parametrize("bad", ("../secret", "a/b", "..", "a\\b", "/etc/passwd"))
def test_id_that_leaves_the_folder_is_refused_with_its_line(tmp_path, bad):
    (tmp_path / "base_filenames_train.txt").write_text(f"good\n\n{bad}\n")
    with pytest.raises(FormatError, match=r"base_filenames_train\.txt, line 3: .*cannot be part of a file name"):
        Store(tmp_path).ids("train")


@pytest.mark.parametrize(
    ("content", "reason"),
    (
        (None, "is missing; make it with"),
        (b"", "lists no sequence"),
        (b"\r\n \n", "lists no sequence"),
        (b"\xff\xfe", "is not UTF-8"),
    ),
)
def test_unusable_list_names_the_file_and_the_reason(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "base_filenames_train.txt").write_bytes(content)
    with pytest.raises(FormatError, match=rf"base_filenames_train\.txt: {reason}"):
        Store(tmp_path).ids("train")


def test_folder_in_place_of_a_list_is_named(tmp_path):
    (tmp_path / "base_filenames_train.txt").mkdir()
    with pytest.raises(FormatError, match=r"base_filenames_train\.txt: cannot be read"):
        Store(tmp_path).ids("train")


def test_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file is not a folder"):
        Store(tmp_path / "file")


def test_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)  # To root every folder is open.
    with pytest.raises(DataError, match="may not be read"):
        Store(tmp_path)


def test_names_with_dots_are_told_apart_by_lists_and_sidecars(tmp_path):
    arrays = {
        "take.1": {"npz.acts_scaled": ramp(3)},
        "b": {"wav_audio_feats": ramp(3)},
        "c.d": {"motion": ramp(3), "x.y": ramp(3)},
    }
    write_folder(tmp_path, arrays, {"train": ["take.1"]})
    (tmp_path / "motion.json").write_text("{}")
    assert Store(tmp_path).contents() == {
        "motion": ["c.d"],
        "npz.acts_scaled": ["take.1"],
        "wav_audio_feats": ["b"],
        "x.y": ["c.d"],
    }
    assert Store(tmp_path).features() == ["motion"]


@pytest.mark.parametrize("dtype", ("float64", "float16", ">f4", "int16", "uint8", "bool"))
@pytest.mark.parametrize("order", ("C", "F"))
def test_array_is_read_as_it_is_saved(tmp_path, dtype, order):
    array = np.asarray(ramp(7, 3) % 2 if dtype == "bool" else ramp(7, 3), dtype=dtype, order=order)
    write_folder(tmp_path, {"a": {"m": array}})
    stored = Store(tmp_path).open("a", "m")
    np.testing.assert_array_equal(stored.read(), array)
    np.testing.assert_array_equal(stored.read(2, 5), array[2:5])
    rows = np.empty((3, 3), np.float32)
    stored.read_into(rows, 4)
    np.testing.assert_array_equal(rows, array[4:])


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


BAD_FILES = {
    "missing": (None, "is missing"),
    "empty": (b"", "is not a whole .npy array"),
    "text": (b"1 2 3\n4 5 6\n", "is not a whole .npy array"),
    "truncated header": (_npy(ramp(9))[:40], "is not a whole .npy array"),
    "truncated values": (_npy(ramp(9))[:-4], "is not a whole .npy array"),
    "header that is no dictionary": (_npy(ramp(9)).replace(b"{'descr'", b"(('descr'"), "is not a whole .npy array"),
    "zip": (b"PK\x03\x04" + bytes(200), "is not a whole .npy array"),
    "objects": (_npy(np.array([{}, 1], dtype=object)), "holds Python objects, which are never unpickled"),
    "complex": (_npy(np.zeros((3, 2), np.complex64)), "holds values of type complex64"),
    "strings": (_npy(np.array([["a", "b"]])), "holds values of type <U1"),
    "dates": (_npy(np.zeros((3, 2), "datetime64[s]")), "holds values of type datetime64"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_array_names_the_file_and_the_reason(tmp_path, case):
    content, reason = BAD_FILES[case]
    if content is not None:
        (tmp_path / "a.m.npy").write_bytes(content)
    with pytest.raises(FormatError, match=f"a.m.npy: {reason}"):
        Store(tmp_path).open("a", "m")


def _in_the_way(path, kind):
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")


@pytest.mark.parametrize("name", ("a.m.npy", "m.json", "base_filenames_train.txt"))
@pytest.mark.parametrize("kind", ("a folder", "a pipe", "a device"))
def test_what_is_no_file_is_named_instead_of_waited_for(tmp_path, name, kind):
    _in_the_way(tmp_path / name, kind)
    store = Store(tmp_path)
    read = {"a.m.npy": lambda: store.open("a", "m"), "m.json": lambda: store.sidecar("m")}.get(
        name, lambda: store.ids("train")
    )
    with pytest.raises(FormatError, match=rf"{name}: cannot be read \(it is {kind}"):
        read()


@pytest.mark.parametrize(
    ("shape", "reason"),
    (
        ("(1000000000000, 2)", "is not a whole .npy array .it has 192 bytes, its header announces 8e.12"),
        (f"({10**300}, {10**300})", "its header announces 1e.18"),
        (f"({'9' * 5000}, 2)", "is not a whole .npy array"),
        ("(-8, -1)", "something else than counts"),
        ("(True, 8)", "something else than counts"),
        ("(0, 2000000)", "has rows of 2000000 numbers"),
    ),
)
def test_shape_that_a_header_cannot_mean_is_refused(tmp_path, shape, reason):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}".encode()
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    (tmp_path / "a.m.npy").write_bytes(content.ljust(192))
    with pytest.raises(FormatError, match=rf"a\.m\.npy: .*{reason}"):
        Store(tmp_path).open("a", "m")


@given(
    damage=st.dictionaries(st.integers(0, 127), st.sampled_from(b"()[]{},:'\\\n") | st.integers(0, 255), max_size=4),
    length=st.none() | st.integers(0, 167),
)
def test_damaged_file_is_read_or_refused_but_never_a_crash(tmp_path_factory, damage, length):
    content = bytearray(_npy(ramp(5)))
    for place, value in damage.items():
        content[place] = value
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "a.m.npy").write_bytes(content[:length])
    try:
        array = Store(folder).open("a", "m").read()
    except FormatError:
        return
    assert array.tobytes("A") in content[:length]


def test_name_of_a_feature_cannot_leave_the_folder(tmp_path):
    with pytest.raises(DataError, match=r"feature name '\.\./m'"):
        Store(tmp_path).open("a", "../m")


def test_file_that_shrinks_after_its_header_was_read_is_refused(tmp_path):
    write_folder(tmp_path, {"a": {"m": ramp(9)}})
    store = Store(tmp_path)
    store.header("a", "m")
    (tmp_path / "a.m.npy").write_bytes(_npy(ramp(2)))
    with pytest.raises(FormatError, match=r"a\.m\.npy: has changed"):
        store.open("a", "m")


@pytest.mark.parametrize("order", ("C", "F"))
def test_array_cut_short_while_it_is_open_is_named(tmp_path, order):
    write_folder(tmp_path, {"a": {"m": np.asarray(ramp(5000), order=order)}})
    array = Store(tmp_path).open("a", "m")
    os.truncate(tmp_path / "a.m.npy", 4096)
    with pytest.raises(FormatError, match=r"a\.m\.npy: has changed since it was checked"):
        array.read(4000, 4100)
    with pytest.raises(FormatError, match=r"a\.m\.npy: has changed since it was checked"):
        array.read()


@pytest.mark.parametrize("change", ("lengthened", "replaced", "removed"))
def test_array_that_is_another_one_now_is_named_before_the_next_pass(tmp_path, change):
    path = write_folder(tmp_path, {"a": {"m": ramp(9)}}) / "a.m.npy"
    store = Store(tmp_path)
    array = store.open("a", "m")
    store.check_unchanged()
    if change == "lengthened":
        path.write_bytes(path.read_bytes() + bytes(8))
    elif change == "replaced":
        np.save(tmp_path / "new.npy", ramp(9, start=1))
        os.utime(tmp_path / "new.npy", (1, 1))
        (tmp_path / "new.npy").rename(path)
    else:
        path.unlink()
    np.testing.assert_array_equal(array.read(), ramp(9))
    with pytest.raises(FormatError, match=r"a\.m\.npy: has changed"):
        store.check_unchanged()


def test_number_of_open_files_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "_max_open", lambda: 3)
    store = Store(write_folder(tmp_path, {f"s{i}": {"m": ramp(4, start=i)} for i in range(8)}))
    for _ in range(2):
        for i in range(8):
            assert store.open(f"s{i}", "m").read()[0, 0] == i
            assert len(store._arrays) <= 3


def test_store_sent_to_a_worker_carries_no_arrays(tmp_path):
    store = Store(write_folder(tmp_path, {"a": {"m": ramp(50_000)}}))
    store.open("a", "m")
    sent = pickle.dumps(store)
    assert len(sent) < 2000
    np.testing.assert_array_equal(pickle.loads(sent).open("a", "m").read(), ramp(50_000))


@pytest.mark.parametrize(
    ("text", "reason"), (("[1]", "must hold a JSON object"), ("{", "is not JSON"), ("", "is not JSON"))
)
def test_bad_sidecar_is_named(tmp_path, text, reason):
    (tmp_path / "motion.json").write_text(text)
    with pytest.raises(FormatError, match=rf"motion\.json.*: {reason}"):
        Store(tmp_path).sidecar("motion")


def test_names_that_are_not_utf8_are_told_and_passed_over(tmp_path):
    write_folder(tmp_path, {"a": {"m": ramp(3)}})
    for name in (b"caf\xe9.m.npy", b"a.\xe9.npy", b"\xe9.json", b"base_filenames_\xe9.txt"):
        (tmp_path / os.fsdecode(name)).touch()
    store = Store(tmp_path)
    assert store.contents() == {"m": ["a"]}
    assert store.splits() == []
    assert len(store.misnamed()) == 4
    report = check_folder(CheckConfig(folder=tmp_path))
    assert not report.problems
    assert r"4 files whose names are not UTF-8 (rename them): 'a.\udce9.npy'" in str(report).encode("utf-8").decode()


def test_what_a_killed_extraction_left_is_no_feature(tmp_path):
    write_folder(tmp_path, {"a": {"m": ramp(3)}})
    (tmp_path / ".a.m.0123abcd-7-fedcba.npy").touch()
    assert Store(tmp_path).contents() == {"m": ["a"]}


def test_an_id_too_long_for_any_file_is_told(tmp_path):
    write_folder(tmp_path, {"a": {"m": ramp(3)}}, {"train": ["a", "b" * 300]})
    (problem,) = check_folder(CheckConfig(folder=tmp_path)).problems
    assert "base_filenames_train.txt, line 2: the name 'bbb" in str(problem)
