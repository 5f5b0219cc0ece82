"""Live generation: the frames of ``generate``, however conditions come in; and what is remembered."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.generation.factories import copy_model, make_features, make_sidecars, make_song, motion_sidecar_of, save_run
from tests.models.factories import AUDIO, MEAN, MOTION, tiny_config, tiny_model, with_head
from transflower.audio.audio import Audio
from transflower.core.errors import FormatError, ModelError, OptionsError
from transflower.features import audio as audio_features
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.formats.bvh import read_bvh
from transflower.generation import DanceFiles, SamplingOptions, Session, Song, Wanted, generate
from transflower.models import InputConfig, LoadedModel, OutputConfig
from transflower.motion.kinematics import forward
from transflower.synthetic.recording import make_recording

FRAMES = 30
LOOKAHEAD = 2
"""Of the tiny causal model."""
SILENCE = {"audio": np.array([0.5, -0.5, 2.0], np.float32)}
MUSIC = np.random.default_rng(1).standard_normal((FRAMES, AUDIO)).astype(np.float32)
PROMPT = np.float32(MEAN + np.random.default_rng(2).standard_normal((9, MOTION)) * (MEAN != 7.0))


def live_model():
    return tiny_model(with_head(tiny_config("causal"), target="change", leak=0.1))


def cut(rows: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(rows, np.cumsum(sizes).clip(max=len(rows)))


def dance(session: Session, pieces: list[np.ndarray], *, name: str = "audio") -> np.ndarray:
    """All frames of a song that comes in pieces."""
    pulled = []
    for piece in pieces:
        session.push(name, piece)
        pulled.append(session.pull()["motion"])
    session.end()
    return np.concatenate([*pulled, session.pull()["motion"]], axis=1)


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> LoadedModel:
    return save_run(tmp_path_factory.mktemp("live"), "causal")


# The frames of generate


@settings(max_examples=examples(5))
@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    lookahead=st.integers(0, LOOKAHEAD),
    prompted=st.booleans(),
    filled=st.booleans(),
)
def test_any_pieces_give_the_frames_of_generate(sizes, lookahead, prompted, filled):
    model = live_model()
    options = {
        "options": SamplingOptions(seed=5, lookahead=lookahead),
        "prompt": {"motion": PROMPT} if prompted else None,
        "fill": SILENCE if filled else None,
    }
    whole = generate(model, {"audio": MUSIC}, num_frames=FRAMES, num_samples=2, **options)["motion"]
    streamed = dance(Session(model, batch_size=2, **options), cut(MUSIC, sizes))
    assert streamed.shape == whole.shape
    np.testing.assert_allclose(streamed, whole, atol=1e-4)


@pytest.mark.parametrize("sizes", [[], [1] * FRAMES, [7, 0, 11]], ids=str)
def test_a_windowed_model_dances_live_too(sizes):
    model = tiny_model(tiny_config("windowed"))
    whole = generate(model, {"audio": MUSIC}, num_frames=FRAMES, fill=SILENCE)["motion"]
    np.testing.assert_allclose(dance(Session(model, fill=SILENCE), cut(MUSIC, sizes)), whole, atol=1e-4)


@settings(max_examples=examples(8))
@given(
    offset=st.integers(-20, 20), length=st.integers(1, 9), shift=st.integers(-5, 5), sizes=st.lists(st.integers(1, 9))
)
def test_frame_k_sees_the_music_of_its_own_moment(offset, length, shift, sizes):
    model = copy_model(
        {"audio": InputConfig(length=length, offset=offset), "light": InputConfig(offset=shift - 1)},
        {"motion": OutputConfig(), "light": OutputConfig(offset=shift)},
        rows={"audio": 0, "light": 0},
    )
    music, fill = np.arange(100, 140, dtype=np.float32)[:, None], {"audio": np.array([-7.0], np.float32)}
    whole = generate(model, {"audio": music}, num_frames=40, fill=fill)["motion"]
    np.testing.assert_array_equal(dance(Session(model, fill=fill), cut(music, sizes)), whole)


@pytest.mark.parametrize("lookahead", [0, 1, LOOKAHEAD])
def test_a_frame_comes_as_soon_as_its_lookahead_is_there(lookahead):
    session = Session(live_model(), options=SamplingOptions(lookahead=lookahead))
    for frame in range(8):
        session.push("audio", MUSIC[frame : frame + 1])
        assert session.pull()["motion"].shape[1] == (frame >= lookahead)
        assert session.frame == max(0, frame + 1 - lookahead)


def test_after_the_end_dancers_go_on_in_silence_for_as_long_as_one_likes():
    model = live_model()
    session = Session(model, fill=SILENCE)
    first = dance(session, [MUSIC])
    assert session.pull()["motion"].shape[1] == 0
    later = session.pull(30)["motion"]
    whole = generate(model, {"audio": MUSIC}, num_frames=FRAMES + 30, fill=SILENCE)["motion"]
    np.testing.assert_allclose(np.concatenate([first, later], axis=1)[:, :40], whole[:, :40], atol=1e-4)


def test_a_frame_at_a_time_or_all_at_once():
    one, all_at_once = Session(live_model()), Session(live_model())
    for session in (one, all_at_once):
        session.push("audio", MUSIC)
    frames = [one.pull(1)["motion"] for _ in range(12)]
    assert {piece.shape[1] for piece in frames} == {1}
    np.testing.assert_array_equal(np.concatenate(frames, axis=1), all_at_once.pull(12)["motion"])


def test_inputs_without_time_can_be_changed_at_any_time():
    model = copy_model(
        {"audio": InputConfig(), "style": InputConfig(mode="tile")},
        {"motion": OutputConfig()},
        rows={"audio": 0, "style": 0},
        columns=(1,),
    )
    session = Session(model)
    drawn = []
    for style in (3.0, 4.0):
        session.push("style", np.array([[style]]))
        session.push("audio", np.ones((2, 1)))
        drawn += session.pull()["motion"][0, :, 0].tolist()
    assert drawn == [3, 3, 4, 4]


def test_temperature_can_be_changed_at_any_time():
    session = Session(live_model(), batch_size=8)
    session.push("audio", MUSIC[: LOOKAHEAD + 1])
    assert session.pull()["motion"].std(axis=0).max() > 0.1
    session = Session(live_model(), batch_size=8)
    session.temperature = 0.0
    session.push("audio", MUSIC[: LOOKAHEAD + 1])
    assert session.pull()["motion"].std(axis=0).max() < 1e-5
    with pytest.raises(OptionsError, match="from 0 on"):
        session.temperature = -1.0


# Sound and clips


def causal(settings):
    """What a session makes of sound, whatever the model learnt from."""
    return replace(audio_features.settings_from_dict(settings), reading="causal")


@pytest.mark.parametrize(("sample_rate", "channels"), [(16000, 1), (44100, 2)])
@pytest.mark.parametrize("block", [1024, 70_000])
def test_sound_in_blocks_gives_the_dance_to_the_song(live, tmp_path, sample_rate, channels, block):
    song = make_song(1.4, sample_rate=sample_rate)
    samples = np.repeat(song.samples, channels, axis=1)
    features = {
        name: audio_features.extract(Audio(samples, sample_rate), causal(side["settings"]))
        for name, side in live.sidecars.items()
        if side["kind"] == "audio"
    }
    fill = {"audio": np.array(live.sidecars["audio"]["silence"], np.float32)}
    whole = generate(live.model, features, num_frames=28, fill=fill)["motion"]
    session, pulled = Session(live), []
    for start in range(0, len(samples), block):
        session.push_sound(Audio(samples[start : start + block], sample_rate))
        pulled.append(session.pull()["motion"])
    session.end()
    pulled.append(session.pull()["motion"])
    np.testing.assert_allclose(np.concatenate(pulled, axis=1), whole, atol=5e-3)


def test_clips_go_on_where_the_last_one_ended(live):
    music = make_features(make_sidecars(), num_frames=20)["audio"]
    features, clips = Session(live, batch_size=2), Session(live, batch_size=2)
    features.push("audio", music)
    features.end()
    whole = [decode_motion(rows, motion_sidecar_of(live.sidecars)) for rows in features.pull()["motion"]]
    pieces = []
    for piece in cut(music, [4, 1, 0, 9]):
        clips.push("audio", piece)
        pieces.append(clips.pull_clips())
    clips.end()
    pieces.append(clips.pull_clips())
    for dancer, clip in enumerate(whole):
        found = [piece["motion"][dancer] for piece in pieces if piece]
        np.testing.assert_allclose(np.concatenate([part.rotations for part in found]), clip.rotations, atol=1e-5)
        for joint, track in clip.translations.items():
            np.testing.assert_allclose(np.concatenate([part.translations[joint] for part in found]), track, atol=1e-4)


@pytest.fixture(scope="module")
def dancing(tmp_path_factory) -> tuple[LoadedModel, np.ndarray]:
    """A model that repeats the dance that it is given, and a dance whose feet slide."""
    clip = make_recording(0, 0, seconds=8).clip
    clip.translations[0][:, 0] += 0.03 * np.sin(4 * np.arange(clip.num_frames) / clip.fps)
    sidecar = describe_motion(clip, "expmap")
    rows = encode_motion(clip, sidecar)[90:180]
    model = copy_model(
        {"dance": InputConfig()},
        {"motion": OutputConfig()},
        rows={"dance": 0},
        dims={"dance": rows.shape[1], "motion": rows.shape[1]},
        columns=tuple(range(rows.shape[1])),
    )
    sidecars, folder = {"motion": sidecar.to_dict(), "dance": None}, tmp_path_factory.mktemp("dancing")
    return LoadedModel(model=model, sidecars=sidecars, folder=folder), rows


@pytest.mark.parametrize("foot_lock", [True, False])
@pytest.mark.parametrize("sizes", [[], [1] * 90, [40, 3, 30]], ids=["whole", "frames", "pieces"])
def test_clips_of_a_session_are_the_files_of_the_song(dancing, tmp_path, sizes, foot_lock):
    loaded, rows = dancing
    song = Song(name="song", inputs={"dance": rows}, frames=len(rows), fps=30.0, sound=None)
    files = DanceFiles(loaded, song, tmp_path, Wanted(formats=("bvh",), foot_lock=foot_lock))
    (path,) = files.write(generate(loaded, song.inputs, num_frames=song.frames))
    session, pieces = Session(loaded, foot_lock=foot_lock), []
    for piece in cut(rows, sizes):
        session.push("dance", piece)
        pieces.append(session.pull_clips())
    session.end()
    pieces.append(session.pull_clips())
    assert session.pull_clips() == {}
    found = [piece["motion"][0] for piece in pieces if piece]
    rotations = np.concatenate([clip.rotations for clip in found])
    root = np.concatenate([clip.translations[0] for clip in found])
    together = replace(found[0], rotations=rotations, translations={0: root})
    np.testing.assert_allclose(forward(together)[0], forward(read_bvh(path).clip)[0], atol=1e-4)


def test_the_foot_lock_holds_frames_back_until_the_end(dancing):
    loaded, rows = dancing
    session = Session(loaded, batch_size=2)
    session.push("dance", rows[:10])
    assert [clip.num_frames for clip in session.pull_clips()["motion"]] == [7, 7]
    session.end()
    assert [clip.num_frames for clip in session.pull_clips()["motion"]] == [3, 3]
    assert [clip.num_frames for clip in session.pull_clips(5)["motion"]] == [5, 5]


def test_a_restored_session_locks_feet_on_to_the_bit(dancing, tmp_path):
    loaded, rows = dancing
    session, restored = Session(loaded), Session(loaded)
    session.push("dance", rows[:40])
    session.pull_clips()
    session.save(tmp_path / "dance.safetensors")
    restored.load(tmp_path / "dance.safetensors")
    ends = []
    for one in (session, restored):
        one.push("dance", rows[40:])
        one.end()
        ends.append(one.pull_clips()["motion"][0])
    np.testing.assert_array_equal(ends[0].rotations, ends[1].rotations)
    with pytest.raises(ModelError, match="another kind of session"):
        Session(loaded).load_state_dict(Session(loaded, foot_lock=False).state_dict())


# What is remembered


def test_hours_take_no_more_memory_than_a_minute():
    session = Session(live_model(), prompt={"motion": PROMPT})
    held = []
    for frame in range(300):
        session.push("audio", MUSIC[frame % FRAMES][None])
        session.pull()
        if frame % 6 == 0:
            # What is held, and the arrays in which it lies.
            state = session.state_dict()
            held.append(sum(value.numel() for value in state.values()))
            held[-1] += sum(int(value) for name, value in state.items() if name.endswith("capacity"))
    assert max(held[20:]) <= max(held[:20])


@pytest.mark.parametrize("kind", ["windowed", "causal"])
@pytest.mark.parametrize("moment", [0, 11])
def test_a_restored_session_continues_to_the_bit(kind, moment, tmp_path):
    model = tiny_model(tiny_config(kind))
    session = Session(
        model,
        batch_size=2,
        prompt={"motion": PROMPT},
        fill=SILENCE,
        options=SamplingOptions(seed=3, temperature=0.8),
    )
    session.push("audio", MUSIC[:moment])
    session.pull()
    session.save(tmp_path / "dance.safetensors")
    expected = dance(session, cut(MUSIC[moment:], [2, 5]))
    restored = Session(model, batch_size=2, fill=SILENCE)
    restored.load(tmp_path / "dance.safetensors")
    assert restored.temperature == 0.8
    np.testing.assert_array_equal(dance(restored, cut(MUSIC[moment:], [2, 5])), expected)
    assert restored.frame == FRAMES


@pytest.mark.parametrize(("sample_rate", "tolerance"), [(16000, 1e-6), (44100, 1e-3)])
def test_a_restored_session_hears_on(live, sample_rate, tolerance):
    samples = make_song(3.0, sample_rate=sample_rate).samples
    first, second = np.split(samples, [int(1.8 * sample_rate)])
    session, restored = Session(live), Session(live)
    session.push_sound(Audio(first, sample_rate))
    session.pull_clips()
    restored.load_state_dict(session.state_dict())
    ends = []
    for one in (session, restored):
        one.push_sound(Audio(second, sample_rate))
        one.end()
        ends.append(one.pull_clips()["motion"][0])
    assert ends[0].num_frames == ends[1].num_frames > 20
    np.testing.assert_allclose(ends[1].translations[0], ends[0].translations[0], rtol=0, atol=tolerance)


# What cannot be


def test_what_cannot_be_pushed_is_refused(live):
    session = Session(live_model())
    with pytest.raises(ModelError, match="is not given 'motion', but audio"):
        session.push("motion", PROMPT)
    with pytest.raises(ModelError, match=r"shape \[2, 1\]"):
        session.push("audio", np.zeros((2, 1)))
    with pytest.raises(ModelError, match="push features instead"):
        session.push_sound(make_song())
    with pytest.raises(ModelError, match="pull features instead"):
        session.pull_clips()
    with pytest.raises(ModelError, match="before the first frame of audio"):
        session.end()
    session.push("audio", MUSIC)
    session.end()
    with pytest.raises(ModelError, match="have ended"):
        session.push("audio", MUSIC)
    hearing = Session(live)
    hearing.push_sound(make_song(sample_rate=16000))
    with pytest.raises(OptionsError, match="8000 Hz cannot follow sound of 16000 Hz"):
        hearing.push_sound(make_song(sample_rate=8000))


def test_an_end_before_what_has_no_time_was_pushed_is_refused():
    model = copy_model(
        {"audio": InputConfig(), "style": InputConfig(mode="tile")},
        {"motion": OutputConfig()},
        rows={"audio": 0, "style": 0},
    )
    session = Session(model)
    session.push("audio", np.ones((2, 1)))
    with pytest.raises(ModelError, match="before the first frame of style"):
        session.end()


def test_a_model_that_is_given_nothing_with_time_is_asked_for_a_number_of_frames():
    model = copy_model({"motion": InputConfig(offset=-1)}, {"motion": OutputConfig()}, rows={"motion": 0})
    session = Session(model)
    with pytest.raises(OptionsError, match="how many frames"):
        session.pull()
    assert session.pull(3)["motion"].shape == (1, 3, 1)


def test_a_state_of_another_session_is_refused(tmp_path):
    other = Session(tiny_model(tiny_config("windowed")))
    with pytest.raises(ModelError, match="another kind"):
        Session(live_model()).load_state_dict(other.state_dict())
    with pytest.raises(ModelError, match="batch of 1, the stream was started for 2"):
        Session(live_model(), batch_size=2).load_state_dict(Session(live_model()).state_dict())
    Path(tmp_path, "junk").write_bytes(b"junk")
    with pytest.raises(FormatError, match="safetensors"):
        other.load(tmp_path / "junk")


@pytest.mark.parametrize(
    "other", [{"options": SamplingOptions(lookahead=0)}, {"foot_lock": False}], ids=["lookahead", "foot_lock"]
)
def test_a_state_of_a_session_with_other_options_is_refused(other):
    state = Session(live_model()).state_dict()
    with pytest.raises(ModelError, match="lookahead, use_frames or foot_lock differ"):
        Session(live_model(), **other).load_state_dict(state)


def test_a_negative_number_of_frames_is_refused():
    with pytest.raises(OptionsError, match="at least 0, got -1"):
        Session(live_model()).pull(-1)
