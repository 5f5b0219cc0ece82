import collections
import datetime
import os
import pickle
import struct
import subprocess
import time

import numpy as np
import pytest

from tests.formats.corpora import instructions, text
from transflower.core.errors import FormatError
from transflower.formats.pickles import machine
from transflower.formats.pickles.machine import read_pickle
from transflower.formats.pickles.stand_ins import Array, Encoded


@pytest.fixture
def read(tmp_path):
    """What a pickle of some bytes holds."""

    def read(content):
        (tmp_path / "x.pkl").write_bytes(content)
        return read_pickle(tmp_path / "x.pkl")

    return read


ARRAYS = (
    np.arange(12.0).reshape(3, 4),
    np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.arange(6, dtype=">i4"),
    np.zeros((0, 3), np.float32),
    np.array([True, False]),
    np.array(2.5),
)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{list(array.shape)}")
def test_arrays_of_every_protocol_are_read(read, array, protocol):
    found = read(pickle.dumps({"x": array}, protocol))["x"].numpy()
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_and_numbers_of_numpy_are_read(read, protocol):
    plain = [None, True, 1, -(2**40), 2.5, "ä", (1, 2), (1, 2, 3, 4), {"a": [1]}, [], {}, ()]
    assert read(pickle.dumps(plain, protocol)) == plain
    assert read(pickle.dumps(collections.OrderedDict(a=1), protocol)) == {"a": 1}
    assert read(pickle.dumps(np.float32(1.5), protocol)).numpy() == 1.5
    found = read(pickle.dumps(b"\xff\x00", protocol))
    assert (found.text.encode("latin1") if isinstance(found, Encoded) else found) == b"\xff\x00"


def test_a_value_that_is_there_twice_is_one(read):
    shared = [1]
    first, second = read(pickle.dumps([shared, shared]))
    assert first is second


def test_old_names_of_modules_and_bytes_of_python_2_are_read(read):
    # numpy.core.multiarray as Python 2 wrote it in protocols 0 and 2: bytes are texts.
    values = np.array([1.0, -2.5])
    raw = values.tobytes()
    head = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\ntcnumpy\ndtype\n(S'f8'\nI0\nI1\n"
        b"tR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n"
    )
    for content in (b"U" + struct.pack("B", len(raw)) + raw, b"S" + repr(raw)[1:].encode() + b"\n"):
        np.testing.assert_array_equal(read(instructions(head, content, b"tb")).numpy(), values)


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize(
    ("value", "told"),
    (
        (Evil(), "asks for posix.system"),
        (subprocess.Popen, "asks for subprocess.Popen"),
        (eval, "asks for builtins.eval"),
        (datetime.date(2020, 1, 1), "asks for datetime.date"),
        (3 + 4j, "asks for builtins.complex"),
        ({1, 2}, "has an instruction EMPTY_SET"),
        (frozenset({1}), "has an instruction FROZENSET"),
        ({1: 2}, "holds a table of an unknown kind"),
        (10**60, "holds a number of many digits"),
        (np.zeros(2, [("a", "f4")]), "holds arrays of a type"),
        (np.zeros(2, complex), "holds arrays of a type"),
    ),
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_anything_else_is_refused_and_not_run(read, value, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError, match=rf"x\.pkl: is a pickle that {told}.*nothing of it was run"):
        read(pickle.dumps(value, 4))
    assert not (tmp_path / "evil").exists()


def array_state(shape, content, code=b"\x8c\x02f8"):
    """Instructions of an array whose shape and content are given as instructions."""
    new = text("numpy.core.multiarray") + text("_reconstruct") + b"\x93" + text("numpy") + text("ndarray") + b"\x93"
    dtype = text("numpy") + text("dtype") + b"\x93" + code + b"\x85R"
    return instructions(new, b"K\x00\x85C\x01b\x87R(K\x01", shape, dtype, b"\x89", content, b"tb")


@pytest.mark.parametrize(
    ("content", "told"),
    (
        (b"", "is no pickle, or is damaged"),
        (b"not a pickle at all", "is no pickle, or is damaged"),
        (b"\x80\x04", "is no pickle, or is damaged"),
        (pickle.dumps(list(range(100)))[:-20], "is no pickle, or is damaged"),
        (b"R.", "is no pickle, or is damaged"),
        (b"h\x05.", "is no pickle, or is damaged"),
        (b"0.", "is no pickle, or is damaged"),
        (b"\x87.", "is no pickle, or is damaged"),
        (instructions(b"\x8e", struct.pack("<Q", 2**60), b"short"), "is no pickle, or is damaged"),
        (instructions(b"\x96", struct.pack("<Q", 2**40), b"short"), "is no pickle, or is damaged"),
        (instructions(b"K\x01r", struct.pack("<I", 2**31)), None),
        (instructions(b"N", b"}", b"b"), "sets what cannot be set"),
        (instructions(b"cbuiltins\ngetattr\n"), "asks for builtins.getattr"),
        (instructions(text("numpy"), text("ndarray"), b"\x93)R"), "calls something that no recording needs"),
        (instructions(text("numpy"), text("dtype"), b"\x93", text("f8"), b"\x85\x81"), "makes an object of a kind"),
        (instructions(text("pandas.io"), text("read_pickle"), b"\x93)R"), "asks for pandas.io.read_pickle"),
        (instructions(b"P123\n"), "has an instruction PERSID"),
        (instructions(b"(ios\nsystem\n"), "has an instruction INST"),
        (instructions(b"\x82\x01"), "has an instruction EXT1"),
        (instructions(b"\x97"), "has an instruction NEXT_BUFFER"),
        (instructions(b"N", b"N", b"a"), "adds to something that is no list"),
        (array_state(b"(M\x01\x00t", b"\x8e" + bytes(8)), None),
        (array_state(b"(K\x01t", b"]"), None),
        (array_state(b"(J\xff\xff\xff\xfft", b"C\x00"), "an array of an unknown shape"),
        (array_state(b"(K\x01t", b"N"), "an array of an unknown kind"),
        (array_state(b"(K\x01t", b"C\x00", code=text("V999999999")), "arrays of a type"),
        (array_state(b"(K\x01t", b"C\x00", code=b"K\x01"), "arrays of a type"),
    ),
)
def test_damage_is_told_in_a_sentence(read, content, told):
    if told is None:
        read(content)
        return
    with pytest.raises(FormatError, match=told) as fault:
        read(content)
    assert "\n" not in str(fault.value)


def test_arrays_have_as_many_bytes_as_their_shape_needs(read):
    many = read(
        array_state(
            b"(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ft".replace(b"J\xff\xff\xff\x7f", b"J\x00\x00\x01\x00"), b"C\x00"
        )
    )
    assert isinstance(many, Array)
    with pytest.raises(ValueError, match="bytes are not as many"):
        many.numpy()


def test_steps_are_counted(read, monkeypatch):
    monkeypatch.setattr(machine, "_MOST_STEPS", 500)
    with pytest.raises(FormatError, match="takes more than 500 steps"):
        read(pickle.dumps([0.5] * 1000))


def test_lists_within_lists_that_are_the_same_take_no_time(read):
    levels = b"".join(b"2\x86" for _ in range(5000))  # (x, x), and so on
    start = time.process_time()
    read(instructions(b")", levels))
    assert time.process_time() - start < 1
