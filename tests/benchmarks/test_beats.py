"""Beats that are found, against beats that are known."""

import json

import numpy as np
import pytest

from benchmarks.beats import __main__ as beats_benchmark
from benchmarks.beats.lock import dance_lock
from benchmarks.beats.readings import hand_of
from benchmarks.beats.scores import Hand, danced, f_measure, score
from benchmarks.beats.songs import KnownSong, songs_with_grids, spread, synthetic_songs
from benchmarks.intervals import table
from tests.motion.factories import make_clip
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError
from transflower.evaluation.bootstrap import Estimate

SECONDS = 50.0
WALK = 0.3 + 0.5 * np.arange(98)
RUN = 0.3 + np.arange(148) / 3


def scores_of(found, beats, **options):
    return score(hand_of(np.asarray(found), seconds=SECONDS), beats, **options)


def with_middles(beats):
    return np.interp(np.arange(2 * len(beats) - 1) / 2, np.arange(len(beats)), beats)


def test_the_beats_themselves_have_the_best_scores():
    found = scores_of(WALK, WALK)
    for name in ("R", "F", "near", "right", "dance R", "dance F", "dance near"):
        assert found[name] == pytest.approx(1, abs=0.01), name
    assert found["late ms"] == pytest.approx(0, abs=0.1)


def test_a_constant_delay_locks_but_is_not_near():
    found = scores_of(WALK + 0.1, WALK)
    assert found["R"] == pytest.approx(1, abs=0.01)
    assert (found["F"], found["near"]) == (0, 0)
    assert found["late ms"] == pytest.approx(100, abs=1)


def test_other_tempi_are_told_by_octave():
    half, double = scores_of(WALK[::2], WALK), scores_of(with_middles(WALK), WALK)
    assert half["half"] > 0.9
    assert half["R"] == pytest.approx(1, abs=0.01)
    assert half["F"] == pytest.approx(2 / 3, abs=0.02)
    assert double["double"] == pytest.approx(1)
    assert double["R"] < 0.05
    third = scores_of(0.3 + 0.5 * 2 / 3 * np.arange(140), WALK)
    assert third["other"] > 0.9


def test_fast_music_is_danced_at_half_its_tempo_at_either_of_two_beats():
    for first in (0, 1):
        found = scores_of(RUN[first::2], RUN)
        assert found["F"] == pytest.approx(1, abs=0.02)
        assert found["dance near"] == pytest.approx(1, abs=0.02)
        assert found["right"] > 0.9
    assert scores_of(RUN, RUN)["dance R"] < 0.05
    slipped = scores_of(np.concatenate([RUN[:80:2], RUN[81::2]]), RUN)
    assert slipped["R"] > 0.95
    assert slipped["dance near"] < 0.65


@pytest.mark.parametrize(("bpm", "count"), [(120, 1), (137, 3), (160, 2)])
def test_where_the_tempo_is_neither_slow_nor_fast_both_ways_are_right(bpm, count):
    assert len(danced(60 / bpm * np.arange(20))) == count


def test_beats_that_may_be_half_a_beat_off_are_compared_by_half_beats():
    slipped = np.concatenate([WALK[:50], WALK[50:] + 0.25])
    assert scores_of(slipped, WALK)["near"] < 0.7
    assert scores_of(slipped, WALK, half_beats=True)["near"] > 0.95


def test_a_hand_without_length_is_near_no_beat():
    found = score(Hand(values=np.zeros(1500, complex), fps=30.0), WALK)
    assert (found["R"], found["F"], found["near"], found["right"]) == (0, 0, 0, 0)


def test_each_moment_is_in_one_pair():
    beats = np.array([1.0, 2.0, 3.0])
    assert f_measure(np.array([0.97, 1.03, 2.0, 5.0]), beats) == pytest.approx(2 * 2 / 7)
    assert f_measure(np.zeros(0), beats) == 0


def test_hips_that_dip_on_every_second_fast_beat_keep_the_dance():
    clip = make_clip(num_frames=1500, fps=30.0)
    dips = np.interp(np.arange(1500) / 30, RUN[::2], np.arange(len(RUN[::2])))
    clip.translations[0] = np.array([[0, 0.9, 0]]) - 0.02 * np.cos(2 * np.pi * dips)[:, None] * [[0, 1, 0]]
    song = KnownSong(kind="real", name="run", beats=RUN, open=lambda: Audio(np.zeros((1, 1), np.float32), 8000))
    found = dance_lock(clip, song)
    assert found["lock"] > 0.95
    assert found["dance lock"] > 0.97
    assert found["dips per beat"] == pytest.approx(1, abs=0.05)


def test_a_table_shows_numbers_with_their_intervals():
    found = Estimate(value=0.5, low=0.25, high=0.75, recordings=4)
    assert table({"a": {"x": found}, "b": {"y": 1}}).splitlines()[2:] == [
        "| a | 0.5 (0.25 to 0.75) |   |",
        "| b |                    | 1 |",
    ]


def test_grids_lie_beside_their_songs(tmp_path):
    write_wav(tmp_path / "one.wav", Audio(np.zeros((8000, 1), np.float32), 8000))
    with pytest.raises(DataError, match=r"NAME\.json"):
        songs_with_grids(tmp_path, half_beats=[], seconds=1)
    (tmp_path / "one.json").write_text(json.dumps({"beats": [0.1, 0.6], "half_beats": True}))
    (song,) = songs_with_grids(tmp_path, half_beats=[], seconds=0.5)
    assert song.half_beats
    assert song.open().seconds == 0.5
    (tmp_path / "one.json").write_text("[1, 0.5]")
    with pytest.raises(FormatError, match="ascending"):
        songs_with_grids(tmp_path, half_beats=[], seconds=1)


def test_fewer_songs_are_spread_over_all_of_a_kind():
    def song(index):
        return KnownSong(kind="abc"[index % 2], name=str(index), beats=WALK, open=lambda: None)

    songs = [song(index) for index in range(20)]
    assert [one.name for one in spread(songs, 2)] == ["0", "10", "1", "11"]
    assert len(spread(songs, 15)) == len(spread(songs, None)) == 20


def test_fast_wide_songs_are_known_by_all_their_beats():
    found = [song for song in synthetic_songs(4, seconds=16, seed=0) if song.kind == "wide"]
    assert [song.kind for song in found] == ["wide"] * 4
    assert max(60 / np.median(np.diff(song.beats)) for song in found) > 120
    assert found[0].open().seconds == 16


def test_a_synthetic_song_goes_all_the_way(tmp_path, capsys):
    out = tmp_path / "beats.json"
    argv = [
        "--synthetic",
        "1",
        "--seconds",
        "16",
        "--readings",
        "causal",
        "--no_speed",
        "--kinds",
        "synthetic",
        "--out",
        str(out),
    ]
    assert beats_benchmark.main(argv) == 0
    assert "| synthetic, causal |" in capsys.readouterr().out
    (song,) = json.loads(out.read_text())["songs"]
    assert song["readings"]["causal"]["near"] > 0.9
    assert beats_benchmark.main(["--synthetic", "1", "--readings", "none"]) == 2
    assert "there are: whole" in capsys.readouterr().err
