"""``transflower compare``."""

import pytest

from tests.viewer.factories import make_dance, make_rising_tone
from transflower import cli
from transflower.audio.writing import write_wav
from transflower.formats.bvh import write_bvh


@pytest.fixture
def dances(tmp_path):
    clip = make_dance(seconds=3).clip
    write_bvh(tmp_path / "one.bvh", clip)
    write_bvh(tmp_path / "two.bvh", clip[5:])
    write_wav(tmp_path / "song.wav", make_rising_tone(seconds=3))
    return tmp_path


def test_a_table_and_a_page_with_both_dancers_tell_how_far_they_are_apart(dances, capsys):
    words = ["compare", *(str(dances / name) for name in ("one.bvh", "two.bvh")), "--music", str(dances / "song.wav")]
    assert cli.main([*words, "--out", str(dances / "out")]) == 0
    told = capsys.readouterr().out
    assert "mean distance of the joints" in told
    page = (dances / "out" / "one_two.compare.html").read_text(encoding="utf-8")
    assert page.count("<iframe") == 1
    assert "<svg" in page
    assert "dancer-1" in page
    lines = (dances / "out" / "one_two.compare.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("seconds,position_error,pose_error,velocity_error,")


def test_a_missing_or_unreadable_file_is_one_sentence(dances, capsys):
    assert cli.main(["compare", str(dances / "one.bvh"), str(dances / "three.bvh")]) == 2
    assert "three.bvh: there is no such file" in capsys.readouterr().err
    assert cli.main(["compare", str(dances / "one.bvh"), str(dances / "song.wav")]) == 2
    assert "Traceback" not in capsys.readouterr().err
