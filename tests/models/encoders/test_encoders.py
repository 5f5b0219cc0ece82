"""What holds for every registered encoder."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.models.encoders.factories import OUTPUTS, TINY_INPUTS, TINY_OPTIONS, make_encoder, make_inputs, unzipped
from transflower.core.errors import ModelError
from transflower.core.options import decode, encode
from transflower.core.spans import UNKNOWN_CLASS
from transflower.models.encoders import ENCODERS, Encoder, EncoderConfig, EncoderStream

every_encoder = pytest.mark.parametrize("name", ENCODERS.names())
SYNCED = ("motion", "audio", "beats")


def push_all(stream: EncoderStream, inputs: dict[str, torch.Tensor]) -> EncoderStream:
    for name, rows in inputs.items():
        stream.push(name, rows)
    return stream


def push_timeless(stream: EncoderStream, inputs: dict[str, torch.Tensor]) -> None:
    stream.push("style", inputs["style"][:, :1])
    stream.push("person", inputs["person"])


def steps(stream: EncoderStream, count: int) -> dict[str, torch.Tensor]:
    contexts = [stream.step() for _ in range(count)]
    return {output: torch.cat([one[output] for one in contexts], dim=1) for output in OUTPUTS}


def difference(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    assert one.keys() == other.keys()
    return max((one[output] - other[output]).abs().max().item() for output in one)


def test_every_encoder_is_tested():
    assert ENCODERS.names() == sorted(TINY_OPTIONS)


@pytest.mark.parametrize("positions", (1, 3))
@every_encoder
def test_contexts_have_the_promised_shapes(name, positions):
    encoder = make_encoder(name)
    contexts = encoder(make_inputs(encoder, positions=positions))
    assert {output: tuple(context.shape) for output, context in contexts.items()} == {
        output: (2, positions, *encoder.context_shapes[output]) for output in OUTPUTS
    }
    assert all(context.isfinite().all() for context in contexts.values())


@every_encoder
def test_spans_are_those_of_the_inputs(name):
    encoder = make_encoder(name)
    assert (encoder.streams, encoder.spans) == unzipped(TINY_INPUTS[name])


@every_encoder
def test_rows_of_a_batch_are_independent(name):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder, batch=4)
    alone = encoder({key: rows[2:3] for key, rows in inputs.items()})
    together = {output: context[2:3] for output, context in encoder(inputs).items()}
    assert difference(alone, together) < 1e-12


@pytest.mark.parametrize("permuted", SYNCED)
@every_encoder
def test_order_of_frames_matters(name, permuted):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder, positions=4)
    before = encoder(inputs)
    swapped = inputs[permuted][:, [1, 0, *range(2, inputs[permuted].shape[1])]]
    assert not torch.equal(swapped, inputs[permuted])
    after = encoder(inputs | {permuted: swapped})
    assert difference(before, after) > 1e-6


@pytest.mark.parametrize("changed", ("style", "person"))
@every_encoder
def test_inputs_without_time_reach_every_position(name, changed):
    encoder = make_encoder(name)
    inputs, others = make_inputs(encoder), make_inputs(encoder, seed=1)
    before, after = encoder(inputs), encoder(inputs | {changed: others[changed]})
    assert ((before["motion"] - after["motion"]).abs().amax((2, 3)) > 1e-9).all()


@every_encoder
def test_every_parameter_gets_a_gradient(name):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder, batch=8, positions=4)  # enough for every class to occur
    sum(context.square().sum() for context in encoder(inputs).values()).backward()
    idle = [key for key, p in encoder.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert idle == []


@settings(max_examples=examples(20))
@given(data=st.data())
@every_encoder
def test_stream_gives_the_numbers_of_forward_however_frames_arrive(name, data):
    positions = 14
    encoder = make_encoder(name).float()
    inputs = {
        key: rows.float() if rows.is_floating_point() else rows
        for key, rows in make_inputs(encoder, positions=positions).items()
    }
    stream = encoder.stream(2)
    push_timeless(stream, inputs)
    arrived = dict.fromkeys(SYNCED, 0)
    contexts = []
    for position in range(positions):
        for key in SYNCED:
            needed = position + encoder.spans[key].length
            while arrived[key] < needed:
                until = data.draw(st.integers(arrived[key] + 1, inputs[key].shape[1]))
                stream.push(key, inputs[key][:, arrived[key] : until])
                arrived[key] = until
        contexts.append(stream.step())
    streamed = {output: torch.cat([one[output] for one in contexts], dim=1) for output in OUTPUTS}
    assert difference(streamed, encoder(inputs)) < 1e-4


@every_encoder
def test_restored_stream_continues_exactly(name):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder, positions=9)
    stream = push_all(encoder.stream(2), inputs)
    steps(stream, 4)
    state = stream.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    expected = steps(stream, 5)
    restored = encoder.stream(2)
    restored.load_state_dict(state)
    assert difference(steps(restored, 5), expected) == 0


@every_encoder
def test_state_of_a_fresh_stream_starts_one_afresh(name):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder)
    used = push_all(encoder.stream(2), inputs)
    expected = steps(used, 2)
    used.load_state_dict(encoder.stream(2).state_dict())
    assert difference(steps(push_all(used, inputs), 2), expected) == 0


@every_encoder
def test_state_of_another_batch_size_is_refused(name):
    encoder = make_encoder(name)
    stream = push_all(encoder.stream(2), make_inputs(encoder))
    with pytest.raises(ModelError, match="batch of 2, the stream was started for 3"):
        encoder.stream(3).load_state_dict(stream.state_dict())


@every_encoder
def test_a_long_stream_keeps_a_bounded_state(name):
    encoder = make_encoder(name)
    stream = encoder.stream(1)
    inputs = make_inputs(encoder, batch=1, positions=1)
    push_all(stream, inputs)
    sizes = []
    for _ in range(80):
        stream.step()
        for key in SYNCED:
            stream.push(key, inputs[key][:, -1:])
        sizes.append({key: value.numel() for key, value in stream.state_dict().items()})
    largest = [{key: max(size[key] for size in half) for key in sizes[-1]} for half in (sizes[:40], sizes[40:])]
    assert largest[0] == largest[1]


@every_encoder
def test_changing_a_pushed_array_changes_nothing(name):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder)
    expected = steps(push_all(encoder.stream(2), inputs), 3)
    lent = {key: rows.clone() for key, rows in inputs.items()}
    stream = push_all(encoder.stream(2), lent)
    for rows in lent.values():
        rows.zero_()
    assert difference(steps(stream, 3), expected) == 0


@pytest.mark.parametrize("late", SYNCED)
@every_encoder
def test_step_without_its_frames_is_refused_and_can_be_repeated(name, late):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder, positions=3)
    stream = push_all(encoder.stream(2), {key: rows for key, rows in inputs.items() if key != late})
    stream.push(late, inputs[late][:, :-1])
    before = steps(stream, 2)
    with pytest.raises(ModelError, match=f"position 2 needs 1 more frames of input '{late}'"):
        stream.step()
    stream.push(late, inputs[late][:, -1:])
    after = stream.step()
    contexts = {output: torch.cat([before[output], after[output]], dim=1) for output in OUTPUTS}
    assert difference(contexts, encoder(inputs)) < 1e-12


@pytest.mark.parametrize("missing", ("style", "person"))
@every_encoder
def test_step_without_an_input_without_time_is_refused(name, missing):
    encoder = make_encoder(name)
    inputs = {key: rows for key, rows in make_inputs(encoder).items() if key != missing}
    with pytest.raises(ModelError, match=f"'{missing}' has not been pushed"):
        push_all(encoder.stream(2), inputs).step()


@pytest.mark.parametrize(
    ("pushed", "shape", "message"),
    (
        ("noise", (2, 1, 3), "no input 'noise'.*'motion', 'audio'"),
        ("motion", (2, 1, 4), r"'motion' has shape \[2, 1, 4\].*\[batch, rows, 3\]"),
        ("motion", (2, 3), r"'motion' has shape \[2, 3\]"),
        ("audio", (5, 1, 2), "'audio' has a batch of 5.*for 2"),
        ("person", (2, 1, 4), "'person' has 1 rows.*for 3"),
    ),
)
@every_encoder
def test_pushing_what_does_not_fit_is_refused(name, pushed, shape, message):
    with pytest.raises(ModelError, match=message):
        make_encoder(name).stream(2).push(pushed, torch.zeros(shape))


@pytest.mark.parametrize("index", (UNKNOWN_CLASS - 1, 4))
@every_encoder
def test_an_index_that_is_no_class_is_refused(name, index):
    encoder = make_encoder(name)
    inputs = make_inputs(encoder)
    inputs["beats"][1, 2] = index
    with pytest.raises(ModelError, match=f"'beats' has a class index of {index}; the model knows classes 0 to 3"):
        encoder(inputs)


@every_encoder
def test_options_survive_writing_and_reading(name):
    config = ENCODERS[name](**TINY_OPTIONS[name])
    assert decode(EncoderConfig, encode(config)) == config


@every_encoder
def test_a_missing_input_is_refused(name):
    encoder: Encoder = make_encoder(name)
    inputs = make_inputs(encoder)
    del inputs["audio"]
    with pytest.raises(ModelError, match="also reads 'audio'"):
        encoder(inputs)
