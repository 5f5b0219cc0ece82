import torch

from tests.nn.factories import randn
from transflower.nn.positions import ROTARY_PERIOD, Rotary, band_mask, rotate


def test_rotary_scores_depend_on_the_distance_alone():
    rotary = Rotary(16).double()
    query, key = randn(1, 1, 1, 16, seed=1), randn(1, 1, 1, 16, seed=2)

    def score(query_frame: int, key_frame: int) -> torch.Tensor:
        turned_query = rotate(query, rotary.angles(query_frame, 1, like=query))
        return (turned_query * rotate(key, rotary.angles(key_frame, 1, like=key))).sum()

    for distance in (0, 1, 7, 90):
        scores = [score(frame, frame - distance) for frame in (100, 5000, ROTARY_PERIOD + 3, 10**9 + 7)]
        assert torch.allclose(torch.stack(scores), scores[0].expand(4), atol=1e-5)
    assert not torch.isclose(score(10, 9), score(10, 8), atol=1e-3)


def test_angles_run_on_over_the_end_of_the_period():
    rotary = Rotary(8)
    like = torch.zeros(())
    cos, sin = rotary.angles(ROTARY_PERIOD - 2, 4, like=like)
    first, second = rotary.angles(ROTARY_PERIOD - 2, 2, like=like), rotary.angles(0, 2, like=like)
    assert torch.equal(cos, torch.cat([first[0], second[0]]))
    assert torch.equal(sin, torch.cat([first[1], second[1]]))


def test_rotation_keeps_lengths():
    x = randn(2, 3, 5, 8)
    turned = rotate(x, Rotary(8).double().angles(17, 5, like=x))
    assert torch.allclose(turned.norm(dim=-1), x.norm(dim=-1), atol=1e-5)


def test_band_reaches_back_and_ahead():
    mask = band_mask(range(5, 7), range(2, 9), back=2, ahead=1, device=torch.device("cpu"))
    assert mask.int().tolist() == [[0, 1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1, 0]]


def test_each_row_has_its_own_reach():
    mask = band_mask(range(1), range(4), back=0, ahead=torch.tensor([0, 2]), device=torch.device("cpu"))
    assert mask.int().tolist() == [[[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]]]
