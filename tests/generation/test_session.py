"""Live generation: the frames of ``generate``, however conditions come in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.generation.factories import copy_model, make_song
from tests.generation.live import FRAMES, LOOKAHEAD, MUSIC, PROMPT, SILENCE, cut, dance, live_model
from tests.models.factories import tiny_config, tiny_model
from transflower.core.errors import ModelError, OptionsError
from transflower.generation import SamplingOptions, Session, generate
from transflower.models import InputConfig, OutputConfig


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


def test_a_negative_number_of_frames_is_refused():
    with pytest.raises(OptionsError, match="at least 0, got -1"):
        Session(live_model()).pull(-1)
