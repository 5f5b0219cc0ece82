"""Live generation: what is remembered, saved and restored."""

from pathlib import Path

import numpy as np
import pytest

from tests.generation.factories import make_song
from tests.generation.live import FRAMES, MUSIC, PROMPT, SILENCE, cut, dance, live_model
from tests.models.factories import tiny_config, tiny_model
from transflower.audio.audio import Audio
from transflower.core.errors import FormatError, ModelError
from transflower.generation import SamplingOptions, Session


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
