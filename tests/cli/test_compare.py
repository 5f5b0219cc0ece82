"""``transflower compare``."""

from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import bouncing, make_clip
from tests.viewer.factories import make_dance, make_rising_tone
from transflower import cli
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.features.audio.beat_times import HeardBeats
from transflower.formats.bvh import write_bvh
from transflower.synthetic.skeleton import SKELETON


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


def test_nothing_is_written_where_the_page_cannot_be_made(dances, capsys, monkeypatch):
    def refuse(*_, **__):
        raise DataError("a bone is too large")

    monkeypatch.setattr("transflower.reports.comparison.page_html", refuse)
    words = ["compare", *(str(dances / name) for name in ("one.bvh", "two.bvh")), "--out", str(dances / "out")]
    assert cli.main(words) == 2
    assert "a bone is too large" in capsys.readouterr().err
    assert not (dances / "out").exists()


def test_who_is_always_late_is_told_although_the_motions_are_aligned(tmp_path, capsys, monkeypatch):
    rotations = make_clip(330, fps=30.0, skeleton=SKELETON, degrees=20).rotations
    dance = replace(bouncing(0.0), rotations=rotations)
    for name, clip in (("late", dance), ("right", dance[8:])):
        write_bvh(tmp_path / f"{name}.bvh", clip)
    seconds = dance.seconds - 1
    write_wav(tmp_path / "song.wav", make_rising_tone(seconds=seconds))
    times = np.arange(7 / 30, seconds, 0.5)
    beats = HeardBeats(
        times=times, sure=np.ones(len(times)), tempi=np.full(len(times), 120.0), share=1.0, certainty=1.0
    )
    monkeypatch.setattr("transflower.features.audio.sound_beats.sound_beats", lambda _: beats)
    words = ["compare", *(str(tmp_path / f"{name}.bvh") for name in ("right", "late"))]
    assert cli.main([*words, "--music", str(tmp_path / "song.wav"), "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "late does the same 0.267 s later" in lines[0]
    right, late = next(line for line in lines if line.startswith("dips of the hips: on the")).split()[-2:]
    assert float(right) > 0.9
    assert float(late) < -0.9


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["one.bvh", "song.wav"], "song.wav is sound; the command is `transflower compare MOTION OTHER --music SONG`"),
        (["one.bvh", "two.bvh", "--music", "one.bvh"], "one.bvh is motion; the command is"),
    ],
)
def test_sound_in_the_place_of_motion_is_told(dances, capsys, words, told):
    words = [word if word.startswith("-") else str(dances / word) for word in words]
    assert cli.main(["compare", *words]) == 2
    assert told in capsys.readouterr().err


def test_the_frame_rate_of_the_second_file_is_asked_for_by_its_own_option(dances, capsys):
    text = (dances / "two.bvh").read_text()
    time = next(line for line in text.splitlines() if line.startswith("Frame Time:"))
    (dances / "slow.bvh").write_text(text.replace(time, "Frame Time: 33.3333"))
    assert cli.main(["compare", str(dances / "one.bvh"), str(dances / "slow.bvh")]) == 2
    assert "add --other_fps 30" in capsys.readouterr().err
