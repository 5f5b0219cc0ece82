import pytest
import torch

from transflower.core.errors import ModelError
from transflower.nn.noise import GivenNoise, NoiseSource

LIKE = torch.zeros(())


@pytest.mark.parametrize("kind", ("normal", "uniform"))
def test_dancer_gets_the_same_noise_alone_and_in_any_batch(kind):
    many, alone = NoiseSource(7, 5), NoiseSource(7, [3])
    for shape in ((1, 2, 4), (3, 1, 61)):
        batch = getattr(many, kind)((5, *shape), like=LIKE)
        assert torch.equal(batch[3], getattr(alone, kind)((1, *shape), like=LIKE)[0])


def test_streams_differ_by_dancer_and_by_seed():
    rows = NoiseSource(0, 2).normal((2, 100), like=LIKE)
    other = NoiseSource(1, 2).normal((2, 100), like=LIKE)
    assert not torch.equal(rows[0], rows[1])
    assert not torch.equal(rows, other)


def test_normals_and_uniforms_have_their_moments():
    source = NoiseSource(0, 4)
    normal, uniform = source.normal((4, 20000), like=LIKE), source.uniform((4, 20000), like=LIKE)
    assert normal.mean().abs() < 0.02
    assert (normal.std() - 1).abs() < 0.02
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert (uniform.mean() - 0.5).abs() < 0.01


def test_noise_takes_the_dtype_that_is_asked_for():
    assert NoiseSource(0, 1).normal((1, 2), like=torch.zeros((), dtype=torch.float64)).dtype == torch.float64


def test_restored_source_continues_where_it_was_saved():
    source = NoiseSource(3, 2)
    source.normal((2, 17), like=LIKE)
    state = source.state_dict()
    expected = source.normal((2, 17), like=LIKE)
    restored = NoiseSource(99, 2)
    restored.load_state_dict(state)
    assert torch.equal(restored.normal((2, 17), like=LIKE), expected)


def test_source_for_another_batch_size_is_refused():
    with pytest.raises(ModelError, match=r"noise for 3 rows .* made for 2"):
        NoiseSource(0, 2).normal((3, 1), like=LIKE)
    with pytest.raises(ModelError, match="3 rows"):
        NoiseSource(0, 2).load_state_dict(NoiseSource(0, 3).state_dict())


def test_given_noise_is_handed_out_in_order():
    first, second = torch.randn(2, 3), torch.rand(2, 1)
    noise = GivenNoise([first, second])
    assert torch.equal(noise.normal((2, 3), like=LIKE), first)
    assert torch.equal(noise.uniform((2, 1), like=LIKE), second)
    with pytest.raises(ModelError, match="used up"):
        noise.normal((2, 3), like=LIKE)


def test_given_noise_of_another_shape_is_refused():
    with pytest.raises(ModelError, match=r"\[2, 3\].*\[2, 4\]"):
        GivenNoise([torch.randn(2, 3)]).normal((2, 4), like=LIKE)
