import torch
from torch import nn

from tests.nn.factories import disturbed, randn
from transflower.nn.mlp import MLP, FilmMLP


def test_without_hidden_layers_it_is_one_linear_map():
    network = MLP(4, 3, hidden_layers=0)
    assert [type(module) for module in network.modules() if isinstance(module, nn.Linear)] == [nn.Linear]
    assert torch.equal(network(torch.zeros(2, 5, 4)), network.output.bias.expand(2, 5, 3))


def test_context_changes_the_output_through_every_block():
    network = disturbed(FilmMLP(4, 3, 6, hidden_dim=8, blocks=2).double())
    network(randn(2, 4), randn(2, 6)).square().sum().backward()
    assert all(block.modulate.weight.grad.abs().max() > 0 for block in network.blocks)


def test_film_network_works_without_context():
    network = FilmMLP(4, 3, 0, hidden_dim=8, blocks=1)
    assert network(torch.zeros(2, 5, 4), None).shape == (2, 5, 3)
