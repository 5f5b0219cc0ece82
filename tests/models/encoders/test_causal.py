import pytest
import torch

from tests.models.encoders.factories import LOOKAHEAD, TIMELESS, beats, make_encoder, make_inputs, motion, rows_seen
from transflower.core.errors import ModelError
from transflower.models.encoders import Encoder, causal
from transflower.nn.causal import CausalConfig

POSITIONS, WINDOW = 16, 5
MUSIC = {"audio": motion(0, 1 + LOOKAHEAD, dim=2)}
MOTION = {"motion": motion(-1, 1)}


def make_watched(**options) -> tuple[Encoder, dict[str, torch.Tensor]]:
    """An encoder of motion and music, and inputs that know what depends on them."""
    encoder = make_encoder("causal", inputs=MOTION | MUSIC, **options)
    inputs = make_inputs(encoder, batch=1, positions=POSITIONS)
    return encoder, {name: rows.requires_grad_() for name, rows in inputs.items()}


def test_position_sees_no_motion_from_itself_on_and_no_music_beyond_the_lookahead():
    encoder, inputs = make_watched()
    context = encoder(inputs)["motion"]
    for position in range(POSITIONS):
        # Row r of the motion is frame r - 1, row r of the music frame r.
        assert max(rows_seen(context[:, position], inputs["motion"])) == position
        assert max(rows_seen(context[:, position], inputs["audio"])) == position + LOOKAHEAD


def test_one_layer_sees_its_window():
    encoder, inputs = make_watched(layers=1, music=CausalConfig(width=12, heads=2, layers=1, window=0))
    context = encoder(inputs)["motion"]
    for position in range(POSITIONS):
        first = max(0, position - WINDOW)
        assert rows_seen(context[:, position], inputs["motion"]) == list(range(first, position + 1))
        assert rows_seen(context[:, position], inputs["audio"]) == list(range(first, position + LOOKAHEAD + 1))


def test_music_finds_its_own_past():
    encoder, inputs = make_watched(layers=1, window=0, music=CausalConfig(width=12, heads=2, layers=1, window=4))
    seen = rows_seen(encoder(inputs)["motion"][:, 10], inputs["audio"])
    assert seen == list(range(6, 13))


def test_every_output_gets_the_same_single_token():
    encoder = make_encoder("causal", outputs={"motion": 3, "face": 1})
    contexts = encoder(make_inputs(encoder))
    assert contexts["motion"].shape == (2, 3, 1, 8)
    assert torch.equal(contexts["motion"], contexts["face"])


def test_window_is_the_history_that_it_asks_for():
    assert make_encoder("causal").history == WINDOW


@pytest.mark.parametrize("inputs", (MOTION, MUSIC, MOTION | TIMELESS), ids=str)
def test_motion_alone_or_music_alone_will_do(inputs):
    encoder = make_encoder("causal", inputs=inputs, outputs={"motion": 1})
    given = make_inputs(encoder, positions=6)
    stream = encoder.stream(2)
    for name, rows in given.items():
        stream.push(name, rows)
    streamed = torch.cat([stream.step()["motion"] for _ in range(6)], dim=1)
    assert (streamed - encoder(given)["motion"]).abs().max() < 1e-12


def test_several_autoregressive_inputs_are_all_read():
    encoder = make_encoder("causal", inputs={"motion": motion(-1, 1), "face": motion(-1, 1, dim=2)})
    inputs = make_inputs(encoder, positions=4)
    context = encoder({name: rows.requires_grad_() for name, rows in inputs.items()})["motion"][:, 3]
    assert rows_seen(context, inputs["motion"]) == rows_seen(context, inputs["face"]) == [0, 1, 2, 3]


def test_a_song_pushed_at_once_is_encoded_a_block_at_a_time(monkeypatch):
    monkeypatch.setattr(causal, "_BLOCK", 4)
    encoder, inputs = make_watched()
    stream = encoder.stream(1)
    for name, rows in inputs.items():
        stream.push(name, rows.detach())
    expected = encoder(inputs)["motion"].detach()
    for position in range(POSITIONS):
        assert (stream.step()["motion"][:, 0] - expected[:, position]).abs().max() < 1e-12
        encoded = stream.state_dict()["memory.rows"].shape[1]
        assert encoded < 4 + LOOKAHEAD + 1


@pytest.mark.parametrize(
    ("inputs", "message"),
    (
        ({"motion": motion(-4, 4)}, r"'motion' the one frame before the output, not frames \[-4, 0\)"),
        ({"motion": motion(-2, 1)}, r"not frames \[-2, -1\)"),
        (MOTION | {"audio": motion(-4, 6)}, r"'audio' from the output's first frame on, not frames \[-4, 2\)"),
        (MUSIC | {"beats": beats(0, 1)}, "equally far ahead.*'audio' 3, 'beats' 1"),
        (TIMELESS, "at least one time-synced input"),
    ),
    ids=str,
)
def test_spans_that_no_causal_encoder_can_read_are_refused(inputs, message):
    with pytest.raises(ModelError, match=message):
        make_encoder("causal", inputs=inputs)


@pytest.mark.parametrize("lookahead", (0, 1))
def test_a_stream_may_see_less_far_ahead(lookahead):
    encoder, inputs = make_watched()
    stream = encoder.stream(1, lookahead=lookahead)
    memory = encoder.music(encoder.music_tokens(inputs))
    tokens = encoder.motion_tokens(inputs, memory[:, :POSITIONS])
    expected = encoder.motion(tokens, memory, lookahead=lookahead)
    stream.push("motion", inputs["motion"].detach())
    stream.push("audio", inputs["audio"][:, :lookahead].detach())
    for position in range(POSITIONS):
        with pytest.raises(ModelError, match="needs 1 more frames of input 'audio'"):
            stream.step()
        stream.push("audio", inputs["audio"][:, position + lookahead : position + lookahead + 1].detach())
        assert (stream.step()["motion"][:, 0] - expected[:, position]).abs().max() < 1e-12


@pytest.mark.parametrize("lookahead", (-1, LOOKAHEAD + 1))
def test_a_lookahead_that_it_was_not_built_for_is_refused(lookahead):
    with pytest.raises(ModelError, match=f"0 to {LOOKAHEAD} frames, got {lookahead}"):
        make_encoder("causal").stream(1, lookahead=lookahead)
