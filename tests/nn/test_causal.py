"""W is the window, L the reach of the memory ahead."""

import pytest
import torch
from torch.utils._pytree import tree_leaves

from tests.nn.factories import disturbed, randn
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.causal import CausalCache, CausalConfig, CausalTransformer
from transflower.nn.positions import ROTARY_PERIOD

W, L, FRAMES = 5, 3, 24
REACHES = [0, L, torch.tensor([1, L])]


def make_stack(memory_dim: int | None = None, *, dtype: torch.dtype = torch.float32) -> CausalTransformer:
    config = CausalConfig(width=16, layers=2, heads=2, window=W)
    return disturbed(CausalTransformer(config, memory_dim)).to(dtype)


def stream(
    stack: CausalTransformer, x: torch.Tensor, memory: torch.Tensor | None, *, chunk: int, reach, cache: CausalCache
) -> torch.Tensor:
    """Feed ``chunk`` frames at a time, with the memory arriving just in time."""
    outputs = []
    for start in range(0, x.shape[1], chunk):
        stop = min(start + chunk, x.shape[1])
        if memory is not None and stop + L > cache.memory_frames.stop:
            stack.push_memory(memory[:, cache.memory_frames.stop : stop + L], cache)
        outputs.append(stack.step(x[:, start:stop], cache, reach=reach))
    return torch.cat(outputs, dim=1)


@pytest.mark.parametrize("chunk", (1, 4, W + 4, FRAMES))
@pytest.mark.parametrize("reach", REACHES, ids=str)
@pytest.mark.parametrize("memory_dim", (None, 6))
def test_cached_chunked_and_parallel_give_the_same_numbers(memory_dim, reach, chunk):
    stack = make_stack(memory_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    memory = None if memory_dim is None else randn(2, FRAMES + L, memory_dim, seed=1, dtype=torch.float32)
    parallel = stack(x, memory, reach=reach)
    streamed = stream(stack, x, memory, chunk=chunk, reach=reach, cache=stack.start())
    assert (streamed - parallel).abs().max() < 1e-5


@pytest.mark.parametrize("reach", (0, L))
@pytest.mark.parametrize("memory_dim", (None, 6))
def test_frames_filled_up_to_one_shape_are_the_same(memory_dim, reach):
    stack = make_stack(memory_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    memory = None if memory_dim is None else randn(2, FRAMES + L, memory_dim, seed=1, dtype=torch.float32)
    shapes, encode = set(), stack._one_frame

    def note_shapes(*arguments):
        shapes.add(tuple(part.shape for part in tree_leaves(arguments)))
        return encode(*arguments)

    stack._one_frame = note_shapes
    streamed = stream(stack, x, memory, chunk=1, reach=reach, cache=stack.start(is_replayed=True))
    assert (streamed - stack(x, memory, reach=reach)).abs().max() < 1e-5
    assert len(shapes) == 1


@pytest.mark.parametrize("memory_dim", (None, 6))
def test_a_folded_stack_gives_the_same_numbers_both_ways(memory_dim):
    stack = make_stack(memory_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    memory = None if memory_dim is None else randn(2, FRAMES + L, memory_dim, seed=1, dtype=torch.float32)
    expected = stack(x, memory, reach=L)
    stack.fold()
    assert (stack(x, memory, reach=L) - expected).abs().max() < 1e-5
    streamed = stream(stack, x, memory, chunk=1, reach=L, cache=stack.start())
    assert (streamed - expected).abs().max() < 1e-5


def test_memory_pushed_at_once_gives_the_same_numbers_as_piece_by_piece():
    stack = make_stack(6)
    x, memory = randn(2, FRAMES, 16, dtype=torch.float32), randn(2, FRAMES + L, 6, dtype=torch.float32)
    cache = stack.start()
    stack.push_memory(memory, cache)
    at_once = torch.cat([stack.step(x[:, t : t + 1], cache, reach=L) for t in range(FRAMES)], dim=1)
    piecewise = stream(stack, x, memory, chunk=1, reach=L, cache=stack.start())
    assert (at_once - piecewise).abs().max() < 1e-5


def test_restored_cache_continues_the_stream():
    stack = make_stack(6)
    x, memory = randn(2, FRAMES, 16, dtype=torch.float32), randn(2, FRAMES + L, 6, dtype=torch.float32)
    cache = stack.start()
    stream(stack, x[:, :9], memory, chunk=1, reach=L, cache=cache)
    state = cache.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    expected = stream(stack, x[:, 9:], memory[:, 9:], chunk=1, reach=0, cache=_shifted(stack, memory, cache))
    restored = stack.start()
    restored.load_state_dict(state)
    actual = stream(stack, x[:, 9:], memory[:, 9:], chunk=1, reach=0, cache=_shifted(stack, memory, restored))
    assert torch.equal(actual, expected)


def _shifted(stack: CausalTransformer, memory: torch.Tensor, cache: CausalCache) -> CausalCache:
    """The cache with all the memory in it."""
    stack.push_memory(memory[:, cache.memory_frames.stop :], cache)
    return cache


def test_frame_sees_exactly_its_window_and_its_reach():
    config = CausalConfig(width=16, layers=1, heads=2, window=W)
    stack = disturbed(CausalTransformer(config, 6)).double()
    x, memory = randn(1, FRAMES, 16).requires_grad_(), randn(1, FRAMES + L, 6).requires_grad_()
    encoded = stack(x, memory, reach=L)
    for t in range(FRAMES):
        grads = torch.autograd.grad(encoded[:, t].square().sum(), (x, memory), retain_graph=True)
        own, other = ((grad[0].abs().amax(-1) > 0).nonzero().flatten().tolist() for grad in grads)
        assert own == list(range(max(0, t - W), t + 1))
        assert other == list(range(max(0, t - W), t + L + 1))


def test_no_layer_sees_the_future():
    stack = make_stack(6, dtype=torch.float64)
    x, memory = randn(1, FRAMES, 16).requires_grad_(), randn(1, FRAMES + L, 6).requires_grad_()
    encoded = stack(x, memory, reach=L)
    for t in range(FRAMES - 1):
        own, other = torch.autograd.grad(encoded[:, t].sum(), (x, memory), retain_graph=True)
        assert own[:, t + 1 :].abs().max() == 0, f"frame {t} sees the future"
        assert other[:, t + L + 1 :].abs().sum() == 0, f"frame {t} hears further than its reach"


def test_hours_cost_no_precision():
    stack = make_stack(6)
    x, memory = randn(1, FRAMES, 16, dtype=torch.float32), randn(1, FRAMES + L, 6, dtype=torch.float32)
    late = stack.start()
    silence = torch.zeros(1, 600, 16)
    stack.push_memory(torch.zeros(1, 600, 6), late)
    stack.step(silence, late)
    state = late.state_dict()
    hours = 30 * 3600 * 10 // ROTARY_PERIOD * ROTARY_PERIOD  # whole turns: the cached keys stay what they are
    shifted = {name: value + hours if name.endswith(("first", "position")) else value for name, value in state.items()}
    early, late = stack.start(), stack.start()
    early.load_state_dict(state)
    late.load_state_dict(shifted)
    first = stream(stack, x, memory, chunk=1, reach=L, cache=_with_memory(stack, memory, early))
    second = stream(stack, x, memory, chunk=1, reach=L, cache=_with_memory(stack, memory, late))
    assert (first - second).abs().max() < 1e-5


def _with_memory(stack: CausalTransformer, memory: torch.Tensor, cache: CausalCache) -> CausalCache:
    stack.push_memory(memory, cache)
    return cache


def test_blocks_start_as_the_identity():
    stack = CausalTransformer(CausalConfig(width=16, layers=2, heads=2, window=W), 6)
    x = randn(1, FRAMES, 16, dtype=torch.float32)
    assert torch.equal(stack(x, torch.randn(1, FRAMES, 6)), stack.norm(x))


def test_every_parameter_gets_a_gradient():
    stack = make_stack(6, dtype=torch.float64)
    stack(randn(1, FRAMES, 16), randn(1, FRAMES + L, 6), reach=L).square().mul(randn(16)).sum().backward()
    assert [name for name, p in stack.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


def test_a_long_stream_keeps_a_bounded_cache():
    stack = make_stack(6)
    cache = stack.start()
    for _ in range(20 * W):
        stack.push_memory(torch.zeros(1, 1, 6), cache)
        stack.step(torch.zeros(1, 1, 16), cache)
    held = sum(value.numel() for value in cache.state_dict().values())
    per_frame = 2 * 2 * 2 * 16  # keys and values, own and memory, layers, width
    assert held <= 2 * (2 * W + 2) * per_frame


def test_memory_that_ends_too_early_is_refused():
    stack = make_stack(6)
    with pytest.raises(ModelError, match=r"frame 23 .* only 20 frames"):
        stack(torch.zeros(1, FRAMES, 16), torch.zeros(1, 20, 6))
    with pytest.raises(ModelError, match="frame 0"):
        stack.step(torch.zeros(1, 1, 16), stack.start())


def test_memory_for_a_stack_without_one_is_refused():
    with pytest.raises(ModelError, match="without a memory"):
        make_stack()(torch.zeros(1, 4, 16), torch.zeros(1, 4, 6))


@pytest.mark.parametrize(
    ("options", "message"),
    (
        ({"width": 12, "heads": 4}, "multiple of 8"),
        ({"window": -1}, "window"),
        ({"window": ROTARY_PERIOD}, "window"),
        ({"layers": 0}, "above 0"),
        ({"dropout": -0.1}, "dropout"),
    ),
)
def test_impossible_sizes_are_refused(options, message):
    with pytest.raises(OptionsError, match=message):
        CausalConfig(**options)
