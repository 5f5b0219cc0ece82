"""What is repeated in messages is shown, not obeyed, and not at any length."""

import json

import pytest

from tests.generation.factories import save_data
from transflower.cli import main
from transflower.cli.printable import printable


@pytest.mark.parametrize(
    "words",
    [
        ["data", "split", "x", "--print_config=" + "7" * 5000],
        ["data", "check", "x", "\x1b[2J"],
        ["data", "check", "x", "--\u202eq", "1"],
        ["data", "check", "y" * 3000 + "\x9b1m"],
        ["generate\x07"],
    ],
)
def test_refusals_are_short_and_without_control_characters(words, capsys):
    assert main(words) == 2
    message = capsys.readouterr().err
    assert message[:-1].isprintable()
    assert 20 < len(message) < 1000


def test_reports_and_notes_are_without_control_characters(tmp_path, capsys):
    save_data(tmp_path, ("one",))
    (tmp_path / "base_filenames_train.txt").write_text("one\nt\x1b[2Jwo\n")
    (tmp_path / "audio.json").write_text(json.dumps({"kind": "\u009bm"}))
    assert main(["data", "check", str(tmp_path)]) == 2
    printed = "".join(capsys.readouterr())
    assert "\\x1b[2J" in printed
    assert all(line.isprintable() for line in printed.split("\n"))


def test_ordinary_text_stays_as_it_is():
    text = (
        "Motörhead – Ärger.wav: 日本語\u3000🕺🏽 \u200d e\u0301\u00a0\udce4\n  - "
        + "/folder" * 50
        + ".bvh, line 3: "
        + "a b, " * 200
    )
    assert printable(text) == text


def test_a_list_without_end_is_cut_in_its_middle():
    shown = printable("no joint is called 'Hip'; there are: " + ", ".join(f"J{i}" for i in range(5000)) + "; mend it")
    assert len(shown) < 1500
    assert shown.startswith("no joint is called 'Hip'; there are: J0, ")
    assert shown.endswith("J4999; mend it")
