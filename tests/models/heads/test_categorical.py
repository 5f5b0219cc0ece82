import math
from functools import partial

import pytest
import torch

from tests.nn import factories
from transflower.core.errors import ModelError
from transflower.core.spans import UNKNOWN_CLASS, StreamSpec
from transflower.models.heads import CategoricalHead, CategoricalHeadConfig
from transflower.models.heads.categorical import CategoricalSamplingOptions
from transflower.nn.noise import NoiseSource

CLASSES, WIDTH = 5, 4
randn = partial(factories.randn, dtype=torch.float32)


def make_head(*, columns: int = 1, length: int = 1, is_disturbed: bool = True) -> CategoricalHead:
    target = StreamSpec(dim=columns, kind="categorical", num_classes=CLASSES)
    head = CategoricalHead(target, length=length, context_dim=WIDTH, context_length=1)
    if is_disturbed:
        torch.manual_seed(0)
        for weights in head.parameters():
            torch.nn.init.normal_(weights)
    return head.eval()


@torch.no_grad()
def test_probabilities_of_all_outcomes_sum_to_one():
    head, context = make_head(columns=2), randn(1, 1, 1, WIDTH).expand(CLASSES**2, -1, -1, -1)
    outcomes = torch.cartesian_prod(torch.arange(CLASSES), torch.arange(CLASSES))[:, None, None]
    previous = torch.tensor([[[1, UNKNOWN_CLASS]]]).expand(CLASSES**2, -1, -1)
    log_prob, _ = head.log_prob(outcomes, context, previous)
    assert log_prob.exp().sum() == pytest.approx(1, abs=1e-5)


@torch.no_grad()
def test_classes_are_drawn_as_often_as_they_are_probable():
    head, dancers = make_head(), 4000
    context = randn(1, 1, 1, WIDTH).expand(dancers, -1, -1, -1)
    previous = torch.full((dancers, 1, 1), 3)
    drawn, _ = head.sample(context, previous, noise=NoiseSource(0, dancers))
    assert drawn.dtype == torch.int64
    every = torch.arange(CLASSES)[:, None, None, None]
    log_prob, _ = head.log_prob(every, context[:CLASSES], previous[:CLASSES])
    shares = drawn.flatten().bincount(minlength=CLASSES) / dancers
    assert shares.numpy() == pytest.approx(log_prob.exp().flatten().numpy(), abs=0.03)


@torch.no_grad()
def test_at_temperature_zero_the_likeliest_class_is_drawn():
    head, context, previous = make_head(columns=2, length=3), randn(4, 2, 1, WIDTH), torch.zeros(4, 2, 2).long()
    drawn, _ = head.sample(context, previous, noise=NoiseSource(0, 4), temperature=0.0)
    best, _ = head.log_prob(drawn, context, previous)
    assert drawn.shape == (4, 2, 3, 2)
    for seed in range(5):
        other, _ = head.sample(context, previous, noise=NoiseSource(seed, 4), temperature=3.0)
        assert (head.log_prob(other, context, previous)[0] <= best + 1e-5).all()


@torch.no_grad()
def test_before_anything_is_learnt_a_class_is_kept_for_a_second_and_an_unknown_one_tells_nothing():
    head, context = make_head(is_disturbed=False), randn(2, 1, 1, WIDTH)
    target, previous = torch.full((2, 1, 1, 1), 2), torch.tensor([[[2]], [[UNKNOWN_CLASS]]])
    log_prob, _ = head.log_prob(target, context, previous)
    assert 1 / (1 - float(log_prob[0].exp())) == pytest.approx(30 * CLASSES / (CLASSES - 1) + 1, rel=1e-3)
    assert float(log_prob[1]) == pytest.approx(-math.log(CLASSES), abs=1e-5)


@torch.no_grad()
def test_loss_is_nats_per_column():
    head, context, previous = make_head(columns=2, length=3), randn(4, 2, 1, WIDTH), torch.zeros(4, 2, 2).long()
    target = torch.randint(CLASSES, (4, 2, 3, 2), generator=torch.Generator().manual_seed(0))
    loss, metrics = head.loss(target, context, previous, noise=NoiseSource(0, 4))
    log_prob, _ = head.log_prob(target, context, previous)
    assert float(loss) == pytest.approx(-float(log_prob.mean()) / 6, rel=1e-5)
    assert float(metrics["nll"]) == float(loss)


def test_a_continuous_output_is_refused():
    with pytest.raises(ModelError, match=r"the output is continuous, .* choose a head of type cnf or .* or flow"):
        CategoricalHeadConfig().build(target=StreamSpec(dim=2), length=1, context_dim=WIDTH, context_length=1)


@torch.no_grad()
@pytest.mark.parametrize("top_p", (0.01, 0.5, 0.8, 1.0))
def test_top_p_draws_among_the_likeliest_classes_alone(top_p):
    head, rows = make_head(), 2000
    context = randn(1, 1, 1, WIDTH).expand(rows, -1, -1, -1)
    every = torch.arange(CLASSES)[:, None, None, None]
    probs = head.log_prob(every, context[:CLASSES], None)[0].exp().flatten()
    ordered, classes = probs.sort(descending=True)
    kept = classes[: 1 + int((ordered.cumsum(0) < top_p - 1e-6).sum())]
    options = CategoricalSamplingOptions(top_p=top_p)
    drawn, _ = head.sample(context, None, noise=NoiseSource(0, rows), options=options)
    shares = drawn.flatten().bincount(minlength=CLASSES) / rows
    expected = torch.zeros(CLASSES).scatter(0, kept, probs[kept] / probs[kept].sum())
    assert shares.numpy() == pytest.approx(expected.numpy(), abs=0.04)
    assert set(drawn.unique().tolist()) <= set(kept.tolist())
