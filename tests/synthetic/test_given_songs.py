import numpy as np
import pytest

from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError
from transflower.synthetic.given_beats import GivenBeats, danced_beats, read_given_beats
from transflower.synthetic.given_songs import draw_excerpt, read_sound
from transflower.synthetic.recording import record_widely
from transflower.synthetic.songs import make_song

NONE = np.zeros(0)


def given(beats, downbeats=NONE) -> GivenBeats:
    return GivenBeats(beats=np.asarray(beats, float), downbeats=np.asarray(downbeats, float))


def test_beats_are_read_with_their_place_in_the_bar(tmp_path):
    path = tmp_path / "a.beats.txt"
    path.write_text("# a song\n0.5 3\n1.0\t4\n\n1.5 1 # here\n2.0\n")
    beats = read_given_beats(path)
    assert beats.beats.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert beats.downbeats.tolist() == [1.5]


def test_a_file_that_holds_no_beats_is_named(tmp_path):
    path = tmp_path / "a.beats.txt"
    path.write_text("0.5\n0.4\n")
    with pytest.raises(FormatError, match=r"a\.beats\.txt.*line 2.*does not come after"):
        read_given_beats(path)


def test_a_dance_counts_from_the_first_downbeat():
    beats = 0.3 + 0.5 * np.arange(40)
    np.testing.assert_allclose(danced_beats(given(beats, beats[3::4])), beats[3:])
    np.testing.assert_allclose(danced_beats(given(beats)), beats)


def test_of_fast_beats_those_are_danced_on_which_bars_begin():
    beats = 0.3 + 0.35 * np.arange(80)
    np.testing.assert_allclose(danced_beats(given(beats, beats[1::4])), beats[1::2])
    np.testing.assert_allclose(danced_beats(given(beats, beats[2::4])), beats[2::2])
    very_fast = np.arange(200) * 0.2
    np.testing.assert_allclose(danced_beats(given(very_fast)), very_fast[::4])


def test_slow_beats_are_divided_and_missing_ones_filled_in():
    slow = 1.4 * np.arange(20)
    np.testing.assert_allclose(np.diff(danced_beats(given(slow))), 0.7)
    beats = 0.5 * np.arange(60)
    np.testing.assert_allclose(danced_beats(given(np.delete(beats, [10, 20, 21, 22]))), beats)


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory):
    """A song as a file at another rate in two channels, and the song."""
    song = make_song(2, 30, style="house")
    samples = np.repeat(song.audio.samples, 2, axis=0)
    path = tmp_path_factory.mktemp("given") / "house.wav"
    write_wav(path, Audio(np.column_stack([samples, samples]), 48000))
    return path, song


def test_sound_is_read_as_synthetic_songs_have_it(sound_file):
    path, song = sound_file
    sound = read_sound(path)
    assert sound.sample_rate == 24000
    assert sound.samples.shape[1] == 1
    assert sound.seconds == pytest.approx(song.seconds, abs=1e-3)


def test_an_excerpt_takes_its_beats_along(sound_file):
    path, song = sound_file
    sound, beats = read_sound(path), given(song.beats, song.downbeats)
    excerpts = [draw_excerpt(sound, beats, 18, np.random.default_rng(seed)) for seed in range(6)]
    assert len({one.beats[0] for one in excerpts}) > 3
    for one in excerpts:
        assert one.seconds == pytest.approx(18)
        assert one.tempo == pytest.approx(song.tempo)
        assert one.beats[0] < 5 * 60 / song.tempo
        assert one.beats[-1] < 18
        np.testing.assert_allclose(one.downbeats[np.abs(one.downbeats - one.beats[0]).argmin()], one.beats[0])
        assert len(one.energies) == -(-len(one.beats) // 8)


def test_louder_parts_of_a_given_song_have_more_energy():
    beats = 0.5 * np.arange(64)
    level = np.repeat([0.05, 0.5], 16 * 24000)
    noise = np.random.default_rng(0).standard_normal(len(level)) * level
    song = draw_excerpt(Audio(noise.astype(np.float32)[:, None], 24000), given(beats), 32, np.random.default_rng(0))
    assert min(song.energies[4:]) > max(song.energies[:4]) + 0.3


def test_a_given_song_is_danced_to_on_its_beats(sound_file):
    path, song = sound_file
    excerpt = draw_excerpt(read_sound(path), given(song.beats), 18, np.random.default_rng(0))
    recording = record_widely(excerpt, 0, "house")
    truth = recording.ground_truth
    assert truth.genre == "given"
    assert truth.music_beats == truth.beats
    assert len(truth.moves) == len(truth.energies)
    assert recording.clip.num_frames == 540


def test_a_song_with_hardly_any_beats_is_refused(sound_file):
    path, _ = sound_file
    with pytest.raises(DataError, match="needs 16 beats"):
        draw_excerpt(read_sound(path), given([0.5, 1.0, 1.5]), 18, np.random.default_rng(0))
