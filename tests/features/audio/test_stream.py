import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.features.audio.factories import ONSET, make_clicks, make_rock
from transflower.audio.audio import Audio
from transflower.features.audio import AudioFeatureStream, AudioSettings, extract, silence

RATES = (11025, 22050, 24000, 44100, 48000)


def make_song(seconds: float, sample_rate: int) -> Audio:
    return make_rock(120, seconds, sample_rate=sample_rate)[0]


@settings(max_examples=examples(15))
@given(
    sample_rate=st.sampled_from(RATES),
    fps=st.sampled_from((20.0, 29.97, 30.0, 60.0)),
    sizes=st.lists(st.integers(0, 20_000), max_size=12),
)
def test_pieces_give_the_same_rows_as_the_whole(sample_rate: int, fps: float, sizes: list[int]) -> None:
    audio, options = make_song(2.5, sample_rate), AudioSettings(fps=fps, reading="causal")
    stream = AudioFeatureStream(sample_rate, options)
    pieces = np.split(audio.samples, np.cumsum(sizes).clip(max=len(audio.samples)))
    rows = np.concatenate([*(stream.push(piece) for piece in pieces), stream.finish()])
    np.testing.assert_allclose(rows, extract(audio, options), atol=2e-3)


def test_blocks_of_a_long_song_join_without_a_seam() -> None:
    audio, options = make_song(23, 44100), AudioSettings(reading="causal")
    stream = AudioFeatureStream(44100, options)
    pieces = [stream.push(audio.samples[start : start + 11025]) for start in range(0, len(audio.samples), 11025)]
    np.testing.assert_allclose(np.concatenate([*pieces, stream.finish()]), extract(audio, options), atol=2e-3)


@pytest.mark.parametrize("sample_rate", (24000, 44100, 48000))
@pytest.mark.parametrize("fps", (20.0, 30.0, 60.0))
def test_row_is_there_a_tenth_of_a_second_after_its_moment(sample_rate: int, fps: float) -> None:
    audio, options = make_song(1.5, sample_rate), AudioSettings(fps=fps, reading="causal")
    stream = AudioFeatureStream(sample_rate, options)
    num_rows, block = 0, sample_rate // 100
    for start in range(0, len(audio.samples), block):
        num_rows += len(stream.push(audio.samples[start : start + block]))
        seconds = min(start + block, len(audio.samples)) / sample_rate
        # The block of 10 ms that a sound card hands over counts too.
        assert num_rows >= (seconds - 0.11) * fps


@pytest.mark.parametrize("fps", (10.0, 29.97, 30.0, 120.0))
@pytest.mark.parametrize("sample_rate", (11025, 24000, 44100))
def test_causal_row_depends_on_nothing_later_than_a_tenth_of_a_second(sample_rate: int, fps: float) -> None:
    options, row = AudioSettings(fps=fps, reading="causal"), round(3.2 * fps)
    song, other = make_song(5, sample_rate), make_rock(97, 5, seed=5, sample_rate=sample_rate)[0]
    is_heard = np.arange(len(song.samples)) / sample_rate - row / fps <= 0.1
    altered = Audio(np.where(is_heard[:, None], song.samples, other.samples), sample_rate)
    # Resampling reaches farther than it should by the rounding of 32-bit numbers.
    tolerance = 1e-3 if sample_rate == options.sample_rate else 1e-2
    np.testing.assert_allclose(extract(altered, options)[row], extract(song, options)[row], atol=tolerance)


@pytest.mark.parametrize("fps", (10.0, 30.0, 120.0))
def test_levels_depend_only_on_a_tenth_of_a_second_before_and_after(fps: float) -> None:
    options, row = AudioSettings(fps=fps), round(3.2 * fps)
    song, other = make_song(5, 24000), make_rock(97, 5, seed=5)[0]
    is_heard = np.abs(np.arange(len(song.samples)) / 24000 - row / fps) <= 0.1
    altered = Audio(np.where(is_heard[:, None], song.samples, other.samples), 24000)
    np.testing.assert_allclose(extract(altered, options)[row, :81], extract(song, options)[row, :81], atol=1e-3)


@pytest.mark.parametrize(
    ("seconds", "columns"),
    ((15.02, slice(0, 80)), (14.98, slice(0, 80)), (15.0, slice(80, 81))),
    ids=("after, spectrum", "before, spectrum", "now, onset"),
)
def test_rows_hear_what_they_should(seconds: float, columns: slice) -> None:
    """The other side of the test above: sound within the interval does count."""
    song = make_song(16, 24000)
    altered = song.samples.copy()
    altered[round(24000 * seconds) :][:600] += 0.5
    changes = extract(Audio(altered, 24000), AudioSettings()) - extract(song, AudioSettings())
    assert np.abs(changes[445:456, columns]).max() > 1e-3


def test_whole_song_is_read_from_what_comes_before_and_after() -> None:
    """Only the end of the song has drums: they tell where the beat was before them, but not as it is heard."""
    song, beats = make_rock(120, 12)
    quiet = song.samples.copy()
    quiet[: 24000 * 6] *= 1e-3
    quiet[: 24000 * 6] += 1e-3 * np.random.default_rng(0).standard_normal((24000 * 6, 1)).astype(np.float32)
    rows = {name: extract(Audio(quiet, 24000), AudioSettings(reading=name)) for name in ("whole", "causal")}
    at = np.rint(beats[(beats > 4.5) & (beats < 6)] * 30).astype(int)
    assert rows["whole"][at, 81].mean() > 2 * rows["causal"][at, 81].mean()


@pytest.mark.parametrize("fps", (20.0, 24.0, 29.97, 30.0, 60.0))
@pytest.mark.parametrize("sample_rate", (24000, 44100))
def test_click_lands_in_its_own_frame(fps: float, sample_rate: int) -> None:
    frames = np.arange(15, 15 + 10 * 13, 13)
    random = np.random.default_rng(0)
    # Up to 8 ms from the edges of the frame, the step of the envelope.
    offsets = random.uniform(-1, 1, len(frames)) * max(0.0, 0.5 / fps - 0.008)
    times = frames / fps + offsets
    rows = extract(make_clicks(times, times[-1] + 0.5, sample_rate), AudioSettings(fps=fps))
    onset = rows[:, ONSET]
    for frame in frames:
        assert onset[frame - 6 : frame + 7].argmax() == 6
    levels = rows[:, :ONSET].mean(axis=1)
    for frame, offset in zip(frames, offsets, strict=True):
        if abs(offset) < 0.004:
            assert levels[frame] >= levels[frame - 6 : frame + 7].max() - 0.5


def test_sound_at_the_very_start_is_heard() -> None:
    rows = extract(make_clicks(np.array([0.0]), 1.0), AudioSettings())
    assert rows[:, ONSET].argmax() == 0
    assert rows[0, ONSET] > 10


def test_silence_is_the_row_that_sidecars_give() -> None:
    options = AudioSettings(mels=40)
    for rate in RATES:
        rows = extract(Audio(np.zeros((rate, 2), np.float32), rate), options)
        np.testing.assert_array_equal(rows, np.tile(silence(options), (30, 1)))


def test_sound_before_and_after_the_song_is_silence() -> None:
    """Frames of a song are the frames of the same song with silence around it: nothing is reflected at the ends."""
    options, song = AudioSettings(), make_song(2, 24000)
    around = np.concatenate([np.zeros((24000, 1), np.float32), song.samples, np.zeros((24000, 1), np.float32)])
    found = extract(Audio(around, 24000), options)[30:90]
    # How likely a beat is depends on how long there has been none.
    np.testing.assert_allclose(found[:, :81], extract(song, options)[:, :81], atol=2e-3)
