"""W is the window, L the lookahead into the source."""

import pytest
import torch
from torch.utils._pytree import tree_leaves

from tests.nn.factories import disturbed, randn
from transflower.core.errors import ModelError, OptionsError
from transflower.nn.causal import CausalCache, CausalConfig, CausalTransformer
from transflower.nn.positions import ROTARY_PERIOD

W, L, FRAMES = 5, 3, 24
LOOKAHEADS = [0, L, torch.tensor([1, L])]


def make_stack(source_dim: int | None = None, *, dtype: torch.dtype = torch.float32) -> CausalTransformer:
    config = CausalConfig(width=16, layers=2, heads=2, window=W)
    return disturbed(CausalTransformer(config, source_dim)).to(dtype)


def stream(
    stack: CausalTransformer, x: torch.Tensor, source: torch.Tensor | None, *, chunk: int, lookahead, cache: CausalCache
) -> torch.Tensor:
    """Feed ``chunk`` frames at a time, with the source arriving just in time."""
    outputs = []
    for start in range(0, x.shape[1], chunk):
        stop = min(start + chunk, x.shape[1])
        if source is not None and stop + L > cache.source_frames.stop:
            stack.push_source(source[:, cache.source_frames.stop : stop + L], cache)
        outputs.append(stack.step(x[:, start:stop], cache, lookahead=lookahead))
    return torch.cat(outputs, dim=1)


@pytest.mark.parametrize("chunk", (1, 4, W + 4, FRAMES))
@pytest.mark.parametrize("lookahead", LOOKAHEADS, ids=str)
@pytest.mark.parametrize("source_dim", (None, 6))
def test_cached_chunked_and_parallel_give_the_same_numbers(source_dim, lookahead, chunk):
    stack = make_stack(source_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    source = None if source_dim is None else randn(2, FRAMES + L, source_dim, seed=1, dtype=torch.float32)
    parallel = stack(x, source, lookahead=lookahead)
    streamed = stream(stack, x, source, chunk=chunk, lookahead=lookahead, cache=stack.start())
    assert (streamed - parallel).abs().max() < 1e-5


@pytest.mark.parametrize("lookahead", (0, L))
@pytest.mark.parametrize("source_dim", (None, 6))
def test_frames_filled_up_to_one_shape_are_the_same(source_dim, lookahead):
    stack = make_stack(source_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    source = None if source_dim is None else randn(2, FRAMES + L, source_dim, seed=1, dtype=torch.float32)
    shapes, encode = set(), stack._one_frame

    def note_shapes(*arguments):
        shapes.add(tuple(part.shape for part in tree_leaves(arguments)))
        return encode(*arguments)

    stack._one_frame = note_shapes
    streamed = stream(stack, x, source, chunk=1, lookahead=lookahead, cache=stack.start(is_graphed=True))
    assert (streamed - stack(x, source, lookahead=lookahead)).abs().max() < 1e-5
    assert len(shapes) == 1


@pytest.mark.parametrize("source_dim", (None, 6))
def test_a_fused_stack_gives_the_same_numbers_both_ways(source_dim):
    stack = make_stack(source_dim)
    x = randn(2, FRAMES, 16, dtype=torch.float32)
    source = None if source_dim is None else randn(2, FRAMES + L, source_dim, seed=1, dtype=torch.float32)
    expected = stack(x, source, lookahead=L)
    stack.fuse()
    assert (stack(x, source, lookahead=L) - expected).abs().max() < 1e-5
    streamed = stream(stack, x, source, chunk=1, lookahead=L, cache=stack.start())
    assert (streamed - expected).abs().max() < 1e-5


def test_a_source_pushed_at_once_gives_the_same_numbers_as_piece_by_piece():
    stack = make_stack(6)
    x, source = randn(2, FRAMES, 16, dtype=torch.float32), randn(2, FRAMES + L, 6, dtype=torch.float32)
    cache = stack.start()
    stack.push_source(source, cache)
    at_once = torch.cat([stack.step(x[:, t : t + 1], cache, lookahead=L) for t in range(FRAMES)], dim=1)
    piecewise = stream(stack, x, source, chunk=1, lookahead=L, cache=stack.start())
    assert (at_once - piecewise).abs().max() < 1e-5


def test_restored_cache_continues_the_stream():
    stack = make_stack(6)
    x, source = randn(2, FRAMES, 16, dtype=torch.float32), randn(2, FRAMES + L, 6, dtype=torch.float32)
    cache = stack.start()
    stream(stack, x[:, :9], source, chunk=1, lookahead=L, cache=cache)
    state = cache.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    expected = stream(stack, x[:, 9:], source[:, 9:], chunk=1, lookahead=0, cache=_shifted(stack, source, cache))
    restored = stack.start()
    restored.load_state_dict(state)
    actual = stream(stack, x[:, 9:], source[:, 9:], chunk=1, lookahead=0, cache=_shifted(stack, source, restored))
    assert torch.equal(actual, expected)


def _shifted(stack: CausalTransformer, source: torch.Tensor, cache: CausalCache) -> CausalCache:
    """The cache with all the source in it."""
    stack.push_source(source[:, cache.source_frames.stop :], cache)
    return cache


def test_frame_sees_exactly_its_window_and_its_reach():
    config = CausalConfig(width=16, layers=1, heads=2, window=W)
    stack = disturbed(CausalTransformer(config, 6)).double()
    x, source = randn(1, FRAMES, 16).requires_grad_(), randn(1, FRAMES + L, 6).requires_grad_()
    encoded = stack(x, source, lookahead=L)
    for t in range(FRAMES):
        grads = torch.autograd.grad(encoded[:, t].square().sum(), (x, source), retain_graph=True)
        own, other = ((grad[0].abs().amax(-1) > 0).nonzero().flatten().tolist() for grad in grads)
        assert own == list(range(max(0, t - W), t + 1))
        assert other == list(range(max(0, t - W), t + L + 1))


def test_no_layer_sees_the_future():
    stack = make_stack(6, dtype=torch.float64)
    x, source = randn(1, FRAMES, 16).requires_grad_(), randn(1, FRAMES + L, 6).requires_grad_()
    encoded = stack(x, source, lookahead=L)
    for t in range(FRAMES - 1):
        own, other = torch.autograd.grad(encoded[:, t].sum(), (x, source), retain_graph=True)
        assert own[:, t + 1 :].abs().max() == 0, f"frame {t} sees the future"
        assert other[:, t + L + 1 :].abs().sum() == 0, f"frame {t} hears further than its lookahead"


def test_hours_cost_no_precision():
    stack = make_stack(6)
    x, source = randn(1, FRAMES, 16, dtype=torch.float32), randn(1, FRAMES + L, 6, dtype=torch.float32)
    late = stack.start()
    silence = torch.zeros(1, 600, 16)
    stack.push_source(torch.zeros(1, 600, 6), late)
    stack.step(silence, late)
    state = late.state_dict()
    hours = 30 * 3600 * 10 // ROTARY_PERIOD * ROTARY_PERIOD  # whole turns: the cached keys stay what they are
    shifted = {name: value + hours if name.endswith(("first", "position")) else value for name, value in state.items()}
    early, late = stack.start(), stack.start()
    early.load_state_dict(state)
    late.load_state_dict(shifted)
    first = stream(stack, x, source, chunk=1, lookahead=L, cache=_with_source(stack, source, early))
    second = stream(stack, x, source, chunk=1, lookahead=L, cache=_with_source(stack, source, late))
    assert (first - second).abs().max() < 1e-5


def _with_source(stack: CausalTransformer, source: torch.Tensor, cache: CausalCache) -> CausalCache:
    stack.push_source(source, cache)
    return cache


def test_blocks_start_as_the_identity():
    stack = CausalTransformer(CausalConfig(width=16, layers=2, heads=2, window=W), 6)
    x = randn(1, FRAMES, 16, dtype=torch.float32)
    assert torch.equal(stack(x, torch.randn(1, FRAMES, 6)), stack.norm(x))


def test_every_parameter_gets_a_gradient():
    stack = make_stack(6, dtype=torch.float64)
    stack(randn(1, FRAMES, 16), randn(1, FRAMES + L, 6), lookahead=L).square().mul(randn(16)).sum().backward()
    assert [name for name, p in stack.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


def test_a_long_stream_keeps_a_bounded_cache():
    stack = make_stack(6)
    cache = stack.start()
    for _ in range(20 * W):
        stack.push_source(torch.zeros(1, 1, 6), cache)
        stack.step(torch.zeros(1, 1, 16), cache)
    held = sum(value.numel() for value in cache.state_dict().values())
    per_frame = 2 * 2 * 2 * 16  # keys and values, own and source, layers, width
    assert held <= 2 * (2 * W + 2) * per_frame


def test_a_source_that_ends_too_early_is_refused():
    stack = make_stack(6)
    with pytest.raises(ModelError, match=r"frame 23 .* only 20 frames"):
        stack(torch.zeros(1, FRAMES, 16), torch.zeros(1, 20, 6))
    with pytest.raises(ModelError, match="frame 0"):
        stack.step(torch.zeros(1, 1, 16), stack.start())


def test_a_source_for_a_stack_without_one_is_refused():
    with pytest.raises(ModelError, match="without a source"):
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
