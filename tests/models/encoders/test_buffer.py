import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.models.encoders.factories import TIMELESS, motion, unzipped
from tests.nn.factories import randn
from transflower.models.encoders.buffer import FrameBuffer, InputBuffers


@given(actions=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_buffer_holds_exactly_what_was_appended_and_not_forgotten(actions):
    buffer, frames = FrameBuffer(), randn(2, 120, 3)
    start = stop = 0
    for appended, forgotten in actions:
        buffer.append(frames[:, stop : stop + appended])
        stop += appended
        start = min(start + forgotten, stop)
        buffer.forget(before=start)
        assert buffer.frames == range(start, stop)
        assert torch.equal(buffer.read(buffer.frames), frames[:, start:stop])


def test_a_frame_costs_no_more_when_many_were_pushed():
    buffer, copies = FrameBuffer(), 0
    frame = torch.zeros(1, 1, 1)
    for count in range(1000):
        array = buffer._array
        buffer.append(frame)
        copies += len(buffer.frames) if buffer._array is not array else 1
        buffer.forget(before=count - 10)
        assert buffer._array.shape[1] < 64
    assert copies < 3000


def test_pushed_frames_keep_no_gradient():
    buffers = InputBuffers(*unzipped({"motion": motion(-2, 2)}), 1)
    buffers.push("motion", torch.zeros(1, 2, 3, requires_grad=True))
    assert not buffers.window("motion").requires_grad


def test_the_latest_row_of_a_tile_counts():
    buffers = InputBuffers(*unzipped(TIMELESS), 1)
    buffers.push("style", torch.tensor([[[0, 0], [1, 2]]]))
    assert buffers.window("style").tolist() == [[[1, 2], [1, 2]]]
    buffers.push("style", torch.tensor([[[2, 0]]]))
    buffers.push("style", torch.zeros(1, 0, 2, dtype=torch.long))
    assert buffers.window("style").tolist() == [[[2, 0], [2, 0]]]
