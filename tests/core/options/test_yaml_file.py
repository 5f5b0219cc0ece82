"""Option files: what scalars mean, what extends leads to, and one clear line for every malformed file."""

import math
import os

import pytest

from transflower.core.errors import FormatError, OptionsError, TransflowerError
from transflower.core.options import load_yaml, write_yaml
from transflower.core.options.yaml_file import scalar


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7e-5", 7e-5),
        ("1E6", 1e6),
        (".5", 0.5),
        ("-2.", -2.0),
        ("-.inf", -math.inf),
        ("1_000", 1000),
        ("-3", -3),
        ("0", 0),
        ("010", "010"),
        ("1:30", "1:30"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("null", None),
        ("none", "none"),
        ("2020-01-01", "2020-01-01"),
        ("'7e-5'", "7e-5"),
        ("[1, 7e-5]", [1, 7e-5]),
        ("1e", "1e"),
        (".", "."),
    ],
)
def test_scalars_mean_what_people_expect(write, text, value):
    read = load_yaml(write("a.yaml", f"x: {text}"))["x"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("7e-5", 7e-5), ("none", None), ("null", None), ("a: b: c", "a: b: c"), ("#1", "#1"), ("@x", "@x")],
)
def test_words_of_the_command_line_mean_the_same_or_themselves(text, value):
    assert scalar(text) == value


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write):
    assert load_yaml(write("a.yaml", b"\xef\xbb\xbfx: 1\r\ny: 2")) == {"x": 1, "y": 2}


def test_extends_is_laid_under_and_relative_to_the_file(write):
    write("base/a.yaml", "model: {layers: 2, width: 3}\nrate: 1")
    write("base/b.yaml", "extends: a.yaml\nrate: 2")
    path = write("c.yaml", "extends: base/b.yaml\nmodel: {layers: 4}")
    assert load_yaml(path) == {"model": {"layers": 4, "width": 3}, "rate": 2}


def test_extends_may_list_several_of_which_later_ones_win(write):
    write("a.yaml", "x: 1\ny: 1")
    write("b.yaml", "y: 2")
    assert load_yaml(write("c.yaml", "extends: [a.yaml, b.yaml]\nz: 3")) == {"x": 1, "y": 2, "z": 3}


def test_extends_may_reach_one_file_by_two_ways(write):
    write("a.yaml", "x: 1")
    write("b.yaml", "extends: a.yaml")
    assert load_yaml(write("c.yaml", "extends: [a.yaml, b.yaml]")) == {"x": 1}


def test_extends_may_name_a_preset(write):
    preset = write("presets/tiny.yaml", "layers: 1")
    assert load_yaml(write("a.yaml", "extends: tiny"), presets={"tiny": preset}) == {"layers": 1}


def test_an_unknown_preset_offers_the_nearest(write):
    preset = write("presets/tiny.yaml", "layers: 1")
    with pytest.raises(OptionsError, match=r"a\.yaml: no preset is called 'tinny' \(did you mean 'tiny'\?\)"):
        load_yaml(write("a.yaml", "extends: tinny"), presets={"tiny": preset})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("---\n...\n", "is empty"),
        ("- a\n- b", "holds a list at the top"),
        ("just words", "holds a str at the top"),
        ("a: 1\n\tb: 2", r"line 2: is not YAML: .*tab \(indent with spaces\)"),
        ("a:\n\t- 2", "line 2: is not YAML"),
        ("a: 1\na: 2", "line 2: is not YAML: 'a' is given twice"),
        ("m:\n  a: 1\n  a: 2", "line 3: is not YAML: 'a' is given twice"),
        ("a: [1, 2", "line 1: is not YAML"),
        ("a: 'x", "line 1: is not YAML"),
        ("a: b: c", "line 1: is not YAML"),
        ("1: x", "line 1: is not YAML: the key 1 is not text"),
        ("[a]: x", r"line 1: is not YAML: the key \['a'\] is not text"),
        ("~: x", "line 1: is not YAML: the key None is not text"),
        ("a: &x [1]\nb: *x", r"line 2: is not YAML: aliases"),
        ("a: &x [*x]", r"line 1: is not YAML: aliases"),
        ("a: !!python/object:os.system {}", "line 1: is not YAML"),
        ("a: !!int x", "is not YAML"),
        ("a: 1\n---\nb: 2", "line 2: is not YAML"),
        (b"a: \xff\xfe", "is not UTF-8 text"),
        (b"a: \x00", "is not YAML"),
        (b"\x89PNG\r\n\x1a\n", "is not UTF-8 text"),
        ("[" * 5000, "is nested too deeply"),
        ("extends: 3", "extends must name a file or preset"),
        ("extends: [a.yaml, 3]", "extends must name a file or preset"),
        ("extends: {a: b}", "extends must name a file or preset"),
        ("extends: nowhere.yaml", r"nowhere\.yaml: cannot be read \(No such file or directory\)"),
        ("extends: nowhere", "no preset is called 'nowhere'"),
        ("extends: a.yaml", r"a\.yaml: extends .*a\.yaml, which extends it in turn"),
    ],
)
def test_a_malformed_file_gives_one_line_naming_file_and_place(write, tmp_path, text, message):
    with pytest.raises(TransflowerError, match=message) as caught:
        load_yaml(write("a.yaml", text))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_circle_of_files_is_refused(write):
    write("b.yaml", "extends: c.yaml")
    write("c.yaml", "extends: b.yaml")
    with pytest.raises(OptionsError, match=r"c\.yaml: extends .*b\.yaml, which extends it in turn"):
        load_yaml(write("a.yaml", "extends: b.yaml"))


@pytest.mark.parametrize("text", ["", "extends: b.yaml"])
def test_a_link_that_leads_to_itself_is_refused(write, tmp_path, text):
    (tmp_path / "b.yaml").symlink_to("b.yaml")
    path = write("a.yaml", text) if text else tmp_path / "b.yaml"
    with pytest.raises(FormatError, match=r"b\.yaml: cannot be read \(Too many levels of symbolic links\)"):
        load_yaml(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FormatError, match=r"a\.yaml: cannot be read \(No such file"):
        load_yaml(tmp_path / "a.yaml")
    with pytest.raises(FormatError, match="it is a folder, not a file"):
        load_yaml(tmp_path)


def test_words_that_look_like_numbers_are_written_with_quotes(tmp_path):
    tree = {"a": "7e-5", "b": "no", "c": "010", "d": "", "e": "true", "f": [7e-5, math.inf], "g": None}
    write_yaml(tmp_path / "a.yaml", tree)
    assert load_yaml(tmp_path / "a.yaml") == tree


def test_one_list_used_twice_is_written_twice(tmp_path):
    shared = [1, 2]
    write_yaml(tmp_path / "a.yaml", {"a": shared, "b": shared})
    assert load_yaml(tmp_path / "a.yaml") == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("text", ("\x85", "a\x85b", "\u2028", "a\nb", "\r\n", "\x07", "\ufeff"))
def test_breaks_and_controls_in_text_are_kept(tmp_path, text):
    write_yaml(tmp_path / "a.yaml", {text: [text]})
    assert load_yaml(tmp_path / "a.yaml") == {text: [text]}


def test_files_that_extend_two_each_over_many_levels_are_refused_at_once(write, tmp_path):
    write("0.yaml", "a: 1\n")
    for level in range(1, 25):
        write(f"{level}.yaml", f"extends: [{level - 1}.yaml, {level - 1}.yaml]\n")
    with pytest.raises(OptionsError, match="more than 100 files"):
        load_yaml(tmp_path / "24.yaml")


def test_a_chain_of_files_may_be_long(write, tmp_path):
    write("0.yaml", "a: 1\n")
    for level in range(1, 60):
        write(f"{level}.yaml", f"extends: {level - 1}.yaml\n")
    assert load_yaml(tmp_path / "59.yaml") == {"a": 1}


@pytest.mark.parametrize("digits", ["9" * 5000, f"1.{5000 * '0'}e400", "-1e16"])
def test_numbers_that_nobody_means_are_named_with_their_line(write, digits):
    with pytest.raises(FormatError, match=r"a\.yaml, line 2: is not YAML: .*(digits|finite|too large)") as caught:
        load_yaml(write("a.yaml", f"a: 1\nb: {digits}\n"))
    assert len(str(caught.value)) < 300


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.yaml")
    with pytest.raises(FormatError, match=r"a\.yaml: cannot be read \(it is a pipe"):
        load_yaml(tmp_path / "a.yaml")


def test_a_file_without_end_is_not_read_to_it(tmp_path):
    (tmp_path / "a.yaml").symlink_to("/dev/zero")
    (tmp_path / "b.yaml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(FormatError, match="it is a device"):
        load_yaml(tmp_path / "a.yaml")
    with pytest.raises(FormatError, match="is larger than 1 MB"):
        load_yaml(tmp_path / "b.yaml")
