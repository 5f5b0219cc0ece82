import pytest
import torch

from transflower.core.errors import OptionsError
from transflower.nn.flows.transforms import Affine, AffineConfig, FlowppAffine


def test_affine_scale_is_bounded_whatever_the_network_says():
    _, log_scale = Affine(2.0)(torch.zeros(1, 1, 1, 1), torch.tensor([[[[1e6, 0.0]]]]))
    assert log_scale.item() == pytest.approx(2.0)


def test_affine_shifts_after_scaling():
    z, log_scale = Affine(2.0)(torch.full((1, 1, 1, 1), 3.0), torch.tensor([[[[0.5, 10.0]]]]))
    assert z.item() == pytest.approx(3.0 * log_scale.exp().item() + 10)


@pytest.mark.parametrize(("raw", "scale"), ((-50.0, 0.850261), (0.0, 1.0), (50.0, 1.071777)))
def test_flowpp_scale_at_gain_1_is_the_published_one(raw, scale):
    z, _ = FlowppAffine(1)(torch.full((1, 1, 1, 1), 2.0), torch.tensor([[[[raw, 1.0]]]]))
    assert z.item() == pytest.approx(3.0 * scale, abs=1e-5)


def test_parameters_come_in_blocks_of_channels():
    parameters = torch.tensor([[[[0.0, 0.0, 5.0, 7.0]]]])
    z, log_scale = Affine()(torch.zeros(1, 1, 1, 2), parameters)
    assert z.flatten().tolist() == [5.0, 7.0]
    assert log_scale.abs().max() == 0


def test_impossible_bound_is_refused():
    with pytest.raises(OptionsError, match="bound"):
        AffineConfig(bound=0.0)
