import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from transflower.nn.weight_norm import WeightNorm


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.Linear(3, 5, bias=False), (2, 7, 3)), (nn.Conv1d(3, 5, 3, padding=1), (2, 3, 7))]
)
def test_it_is_that_of_torch_and_can_be_pickled(layer, shape):
    known = parametrizations.weight_norm(copy.deepcopy(layer))
    nn.init.uniform_(known.get_parameter("parametrizations.weight.original0"))
    found = WeightNorm(layer)
    assert [name for name, _ in found.named_parameters()] == [name for name, _ in known.named_parameters()]
    found.load_state_dict(known.state_dict())
    x = torch.randn(shape)
    again = pickle.loads(pickle.dumps(found))
    torch.testing.assert_close(again(x), known(x))
