"""Inputs of other rates than the positions: all positions at once and one by one are the same."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_rates import RATES
from tests.examples import examples
from tests.models.encoders.factories import OUTPUTS, Input, make_encoder, rows_seen
from transflower.core.errors import ModelError
from transflower.core.rates import frame_of
from transflower.core.spans import Span, StreamSpec
from transflower.models.encoders import ENCODERS, Encoder
from transflower.models.encoders.causal import CausalEncoder

every_encoder = pytest.mark.parametrize("name", ENCODERS.names())


def spec(dim, start, length, rate=Fraction(1), **options) -> Input:
    return Input(StreamSpec(dim=dim, **options), Span(start=start, length=length, rate=rate))


def inputs_at(rate: Fraction, *, lookahead: int = 3) -> dict[str, Input]:
    """Motion at the rate of the positions, sound at ``rate``."""
    return {"motion": spec(3, -1, 1), "audio": spec(2, 0, 1 + lookahead, rate)}


def make_rows(encoder: Encoder, positions: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    rows = {}
    for name, stream in encoder.streams.items():
        shape = (2, encoder.spans[name].extended(positions).length, stream.dim)
        rows[name] = torch.randn(shape, generator=generator, dtype=torch.float64)
        if stream.kind == "categorical":
            rows[name] = torch.randint(stream.num_classes, shape, generator=generator)
    return rows


def streamed(encoder, rows, positions, *, chunk=None, lookahead=None):
    """Contexts one by one; frames are pushed ``chunk`` at a time, as late as they can be."""
    stream, arrived, contexts = encoder.stream(2, lookahead=lookahead), dict.fromkeys(rows, 0), []
    for _ in range(positions):
        while not stream.is_ready:
            for name, whole in rows.items():
                until = arrived[name] + (chunk or whole.shape[1])
                stream.push(name, whole[:, arrived[name] : until])
                arrived[name] = min(until, whole.shape[1])
        contexts.append(stream.step())
    return {output: torch.cat([one[output] for one in contexts], dim=1) for output in OUTPUTS}


@settings(max_examples=examples(8))
@given(
    rate=st.sampled_from(RATES),
    rounds=st.integers(1, 4),
    lookahead=st.integers(0, 5),
    chunk=st.sampled_from([1, 3, None]),
)
@every_encoder
def test_streams_give_the_numbers_of_forward_at_every_rate(name, rate, rounds, lookahead, chunk):
    positions = rounds * rate.denominator
    encoder = make_encoder(name, inputs=inputs_at(rate, lookahead=lookahead))
    rows = make_rows(encoder, positions)
    together, one_by_one = encoder(rows), streamed(encoder, rows, positions, chunk=chunk)
    assert {output: context.shape[1] for output, context in together.items()} == dict.fromkeys(OUTPUTS, positions)
    assert all((together[output] - one_by_one[output]).abs().max() < 1e-10 for output in OUTPUTS)


@pytest.mark.parametrize("rate", RATES)
@every_encoder
def test_a_position_sees_the_frames_of_its_span_and_no_later_one(name, rate):
    encoder = make_encoder(name, inputs=inputs_at(rate, lookahead=2))
    rows = make_rows(encoder, 12)
    rows["audio"].requires_grad_()
    contexts = encoder(rows)["motion"]
    for position in (0, 5, 11):
        seen = rows_seen(contexts[:, position], rows["audio"])
        own = frame_of(position, rate)
        # The music's rate is at least that of the positions: the last frame of a slow input may not be seen yet.
        assert seen[-1] == own + 2
        assert own in seen


@pytest.mark.parametrize("rate", [Fraction(1, 4), Fraction(4)])
@every_encoder
def test_a_restored_stream_goes_on_exactly(name, rate):
    encoder = make_encoder(name, inputs=inputs_at(rate))
    rows = make_rows(encoder, 12)
    stream = encoder.stream(2)
    for one, whole in rows.items():
        stream.push(one, whole)
    for _ in range(5):
        stream.step()
    state = stream.state_dict()
    expected = [stream.step() for _ in range(7)]
    restored = encoder.stream(2)
    restored.load_state_dict(state)
    assert all(torch.equal(one["motion"], restored.step()["motion"]) for one in expected)


@pytest.mark.parametrize("rate", [Fraction(1, 4), Fraction(4)])
@every_encoder
def test_a_long_stream_keeps_a_bounded_state(name, rate):
    encoder = make_encoder(name, inputs=inputs_at(rate, lookahead=4))
    rows = make_rows(encoder, 120)
    stream, arrived, sizes = encoder.stream(2), dict.fromkeys(rows, 0), []
    for position in range(120):
        for one, whole in rows.items():
            until = frame_of(position, rate if one == "audio" else Fraction(1)) + encoder.spans[one].length
            stream.push(one, whole[:, arrived[one] : until])
            arrived[one] = until
        stream.step()
        sizes.append({key: value.numel() for key, value in stream.state_dict().items()})
    largest = [{key: max(size[key] for size in half) for key in sizes[-1]} for half in (sizes[:60], sizes[60:])]
    assert largest[0] == largest[1]


def causal_of(**inputs: Input) -> CausalEncoder:
    encoder = make_encoder("causal", inputs={"motion": spec(3, -1, 1), **inputs})
    assert isinstance(encoder, CausalEncoder)
    return encoder


@pytest.mark.parametrize("lookahead", (0, 3, 8))
def test_slow_music_stands_beside_fast_music(lookahead):
    tokens = spec(1, 0, 3, Fraction(1, 4), kind="categorical", num_classes=5)
    encoder = causal_of(audio=spec(2, 0, 9), tokens=tokens)
    assert (encoder.music_rate, encoder.lookahead) == (1, 8)
    rows = make_rows(encoder, 16)
    if lookahead == 8:
        assert (encoder(rows)["motion"] - streamed(encoder, rows, 16)["motion"]).abs().max() < 1e-10
    near, far = (streamed(encoder, rows, 16, chunk=chunk, lookahead=lookahead) for chunk in (1, None))
    assert (near["motion"] - far["motion"]).abs().max() < 1e-10


@pytest.mark.parametrize(
    ("inputs", "message"),
    (
        ({"a": spec(2, 0, 1, Fraction(3)), "b": spec(2, 0, 1, Fraction(4))}, "3 frames for each position, beside one"),
        ({"a": spec(2, 0, 9), "b": spec(2, 0, 2, Fraction(1, 4))}, "'a' 9, 'b' 2, and must be 9, 3"),
    ),
)
def test_music_that_does_not_go_together_is_refused(inputs, message):
    with pytest.raises(ModelError, match=message):
        causal_of(**inputs)


def test_frames_for_other_numbers_of_positions_are_refused():
    encoder = make_encoder("concat", inputs=inputs_at(Fraction(4)))
    rows = make_rows(encoder, 3)
    with pytest.raises(ModelError, match="the same number of positions"):
        encoder({**rows, "audio": rows["audio"][:, :-1]})
