import numpy as np
import pytest

from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.features.audio.beat_options import BeatOptions, shifted
from transflower.features.audio.beat_times import HeardBeats


def heard(times, *, sure=1.0):
    times = np.asarray(times, float)
    tempi = np.full(len(times), 60 / np.median(np.diff(times))) if len(times) > 1 else np.full(len(times), np.nan)
    return HeardBeats(times=times, sure=np.full(len(times), sure), tempi=tempi, share=1.0, certainty=sure)


NOTHING = heard([])


def grid(beats, seconds=20.0):
    """The beats that follow from the first two."""
    return np.arange(beats[0], seconds, beats[1] - beats[0])


def test_tempo_and_first_beat_say_all():
    options = BeatOptions(bpm=96.0, first_beat=0.42)
    assert not options.needs_heard
    np.testing.assert_allclose(grid(options.beats("song")), np.arange(0.42, 20, 0.625))


@pytest.mark.parametrize("late", [0.0, 0.1, 0.3, 0.6])
def test_a_tempo_alone_takes_the_phase_that_is_heard(late):
    options = BeatOptions(bpm=96.0)
    assert options.needs_heard
    rng = np.random.default_rng(0)
    times = late + 0.625 * np.arange(40) + rng.normal(0, 0.02, 40)
    found = options.beats("song", heard(times))
    assert np.diff(found) == pytest.approx(0.625)
    assert np.abs((found - late + 0.3) % 0.625 - 0.3).max() < 0.015


@pytest.mark.parametrize("late", [0.2, 0.5])
def test_a_fast_tempo_begins_with_a_beat_that_is_danced(late):
    """Of 170 beats a minute every other is heard, and every other is danced, from the first on."""
    period = 60 / 170
    found = BeatOptions(bpm=170.0).beats("song", heard(late + 2 * period * np.arange(20)))
    assert found[1] - found[0] == pytest.approx(period)
    assert np.abs((found[0] - late + 0.1) % (2 * period) - 0.1) < 1e-6


def test_a_tempo_of_a_song_without_a_beat_begins_with_it():
    np.testing.assert_allclose(BeatOptions(bpm=120.0).beats("song", NOTHING), [0, 0.5])


def test_a_first_beat_alone_moves_the_beats_that_are_heard():
    times = np.concatenate([np.arange(1, 10, 0.5), np.arange(10, 20, 0.75)])
    found = BeatOptions(first_beat=0.25).beats("song", heard(times))
    assert np.abs(found - 0.25).min() < 1e-9
    np.testing.assert_allclose(found[(found > 1) & (found < 9)] % 0.5, 0.25)
    late = found[(found > 11) & (found < 19)]
    np.testing.assert_allclose(np.diff(late), 0.75)
    np.testing.assert_allclose((late - 10) % 0.75, 0.375)


@pytest.mark.parametrize("beat", [0.0, 0.1, 1.0, 5.2, 19.0, 60.0])
def test_wherever_the_beat_is_the_others_keep_their_tempo(beat):
    found = shifted(np.arange(1.0, 20, 0.5), beat)
    assert np.abs(found - beat).min() < 1e-9
    np.testing.assert_allclose(np.diff(found), 0.5)
    assert 0 <= found[0] < 0.5
    assert found[-1] >= 19


def test_gaps_of_what_is_heard_are_filled():
    found = shifted(np.concatenate([np.arange(1, 5, 0.5), np.arange(9.1, 15, 0.5)]), 1.0)
    assert np.diff(found).max() < 0.6


def test_a_first_beat_alone_needs_a_tempo():
    with pytest.raises(DataError, match="no beat is heard in a song, so --first_beat needs the tempo too: add --bpm"):
        BeatOptions(first_beat=1.0).beats("a song", NOTHING)


def test_a_file_or_a_folder_says_all(tmp_path):
    (tmp_path / "song.txt").write_text("0.5\n1.0\n1.7\n", encoding="utf-8")
    for file in (tmp_path, tmp_path / "song.txt"):
        options = BeatOptions(file=file)
        assert options.is_given
        assert not options.needs_heard
        assert options.beats("song").tolist() == [0.5, 1.0, 1.7]
    with pytest.raises(FormatError, match=r"nowhere.txt: "):
        BeatOptions(file=tmp_path / "nowhere.txt").beats("song")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bpm": 19.0}, "--bpm must be 20 to 400, got 19"),
        ({"bpm": 401.0}, "--bpm must be 20 to 400, got 401"),
        ({"bpm": float("nan")}, "--bpm must be 20 to 400"),
        ({"first_beat": -0.1}, r"--first_beat must be a second of the song, from 0 on, got -0.1"),
        ({"first_beat": float("inf")}, "--first_beat must be"),
        ({"file": "beats.txt", "bpm": 120.0}, "--beats says when every beat is; leave out --bpm and --first_beat"),
        ({"file": "beats.txt", "first_beat": 0.0}, "--beats says when every beat is"),
    ],
)
def test_what_contradicts_itself_is_refused(options, message, tmp_path):
    if "file" in options:
        options["file"] = tmp_path / options["file"]
    with pytest.raises(OptionsError, match=message):
        BeatOptions(**options)


def test_nothing_is_given_by_default():
    assert not BeatOptions().is_given
