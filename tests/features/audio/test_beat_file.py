import numpy as np
import pytest

from transflower.core.errors import DataError, FormatError
from transflower.features.audio.beat_file import find_beats, read_beats

BEATS = [0.42, 1.045, 1.67]


def written(tmp_path, text, name="beats.txt", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "0.42\n1.045\n1.67\n",  # mir_eval, and what a person types
        "0.420000\t0.420000\t1\n1.045000\t1.045000\t2\n1.670000\t1.670000\t3\n",  # Audacity
        "0,420000\t0,420000\t1\n1,045000\t1,045000\t2\n1,670000\t1,670000\t3\n",  # with decimal commas
        "0.42\t0.42\ta\n\\\t100.0\t900.0\n1.045\t1.045\tb\n\\\t100.0\t900.0\n1.67\t1.67\t\n",  # of frequencies
        "0.420000000,1\n1.045000000,2\n1.670000000,3\n",  # Sonic Visualiser
        "TIME,LABEL\n0.42,New Point\n1.045,New Point\n1.67,New Point\n",  # with a header
        "0.42 1\n1.045 2\n1.67 3\n",  # madmom, with the place in the bar
        "0.42;1;x\r\n1.045;2;y\r\n1.67;3;z\r\n",
        "# beats of a song\n\n  0.42\n1.045  \n\n1.67",
        '"0.42","one"\n"1.045","two"\n"1.67","three"\n',
        "4.2e-1\n1.045e0\n1.67\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_beat_a_line_is_read_as_programs_write_it(tmp_path, text, encoding):
    assert read_beats(written(tmp_path, text, encoding=encoding)).tolist() == BEATS


@pytest.mark.parametrize("text", ["[0.42, 1.045, 1.67]", '{"beats": [0.42, 1.045, 1.67], "title": "A song"}'])
def test_json_is_read(tmp_path, text):
    assert read_beats(written(tmp_path, text, "beats.json")).tolist() == BEATS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5\n1.0\n0.9\n", r"beats.txt, line 3: a beat at 0.9 s does not come after the one at 1 s"),
        ("0.5\n\n0.5\n", r"beats.txt, line 3: a beat at 0.5 s does not come after"),
        ("-0.1\n0.5\n", r"beats.txt, line 1: a beat at -0.1 s lies before the song"),
        ("0.5\none\n", r"beats.txt, line 2: must begin with the seconds of a beat: 'one' is not a number"),
        ("a\nb\n", r"beats.txt, line 2: must begin with the seconds of a beat: 'b' is not a number"),
        ("0:00.5\n0:01.0\n", r"beats.txt, line 1: must begin .* '0:00.5' is not a number"),
        ("0.5\nnan\n", r"beats.txt, line 2: .* not a finite number"),
        ("0.5\n1e99\n", r"beats.txt, line 2: .* too large"),
        (",,\n", r"beats.txt, line 1|holds no beats"),
        ("", "beats.txt: holds no beats, at least two are needed"),
        ("# nothing\n", "beats.txt: holds no beats, at least two are needed"),
        ("0.5\n", "beats.txt: holds 1 beat, at least two are needed"),
        ("500\n1000\n1500\n", r"beats.txt: has 0.12 beats a minute, not 20 to 400; times must be in seconds"),
        ("0.01\n0.02\n0.03\n", r"beats.txt: has 6e\+03 beats a minute"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_beats(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", r'beats.json: must hold a list of seconds, or {"beats": \[...\]}'),
        ('"0.5"', "must hold a list"),
        ('[0.5, "one"]', "beats.json: beat 1 is 'one', not a number of seconds"),
        ("[0.5, true]", "beat 1 is True"),
        ("[0.5, [1]]", r"beat 1 is \[1\]"),
        ("[1.0, 0.5]", "a beat at 0.5 s does not come after the one at 1 s"),
        ("[0.5, ", "is not JSON"),
        ("[0.5, Infinity]", "not a finite number"),
    ],
)
def test_json_that_holds_no_beats_is_refused(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_beats(written(tmp_path, text, "beats.json"))


def test_bytes_that_are_no_text_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "beats.txt").write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match="is not UTF-8 text"):
        read_beats(tmp_path / "beats.txt")
    with pytest.raises(FormatError, match=r"other.txt: cannot be read"):
        read_beats(tmp_path / "other.txt")


def test_a_folder_has_a_file_for_each_song(tmp_path):
    one, two = written(tmp_path, "0\n1\n", "one.txt"), written(tmp_path, "[0, 1]", "two.v2.json")
    assert find_beats(tmp_path, "one") == one
    assert find_beats(tmp_path, "two.v2") == two
    assert find_beats(one, "anything") == one
    with pytest.raises(DataError, match=r"has no file of beats for 'three'; name one three.txt"):
        find_beats(tmp_path, "three")
    written(tmp_path, "0,1\n", "one.csv")
    with pytest.raises(DataError, match="has several files of beats for 'one'"):
        find_beats(tmp_path, "one")


def test_beats_are_float64(tmp_path):
    assert read_beats(written(tmp_path, "[0, 1, 2]", "beats.json")).dtype == np.float64
