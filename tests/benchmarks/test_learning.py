"""Learning side by side, at sizes that measure nothing; and what its metrics mean."""

import copy
import math
from dataclasses import replace

import pytest
import torch

from benchmarks import learning
from benchmarks.contenders import CHANGES, FRAMES, LIVE, make_contenders
from benchmarks.curves import Curve
from benchmarks.learner import Learner
from benchmarks.likelihood import Likelihood
from benchmarks.memory import kept_bytes
from tests.training.factories import write_recordings

START = 101


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("learning") / "data", num_frames=320)


@pytest.fixture(scope="module")
def made(folder):
    """Contenders that take small steps."""
    return {name: with_small_batches(contender) for name, contender in make_contenders(folder).items()}


def with_small_batches(contender):
    training = replace(contender.experiment.training, batch_size=1)
    return replace(contender, experiment=replace(contender.experiment, training=training))


@pytest.fixture
def sequences(made):
    return [arrays for _, arrays in made[LIVE].data.sequences("val")]


def test_contenders_have_equally_many_parameters(made):
    counts = [contender.num_parameters for contender in made.values()]
    assert max(counts) <= 1.1 * min(counts)


def test_contenders_differ_in_one_idea_at_a_time(made):
    models = {name: contender.experiment.model for name, contender in made.items()}
    assert models[FRAMES].inputs == models[CHANGES].inputs != models[LIVE].inputs
    assert models[FRAMES].head.target == "frame"
    assert models[FRAMES].history_noise.sigma_max == 0
    assert models[CHANGES].history_noise == models[LIVE].history_noise
    assert (models[CHANGES].head.target, models[CHANGES].head.leak) == ("change", models[LIVE].head.leak)


def test_contenders_warm_up_in_equally_many_steps(made):
    assert len({contender.experiment.training.schedule.warmup_steps for contender in made.values()}) == 1


@pytest.mark.parametrize("name", [FRAMES, LIVE])
def test_likelihood_is_of_the_named_frames_alone(made, sequences, name):
    model = made[name].model.eval()
    (sequence,) = sequences
    nats = Likelihood(sequences, start=START, frames=6).nats(model)
    lookahead = max(span.stop for span in model.spans.values())
    for frame, is_asked in [(START + 5, True), (START + 5 + lookahead, False)]:
        changed = {**sequence, "motion": sequence["motion"].copy()}
        changed["motion"][frame:] += 1.0
        assert (Likelihood([changed], start=START, frames=6).nats(model) != nats) is is_asked


@pytest.mark.parametrize("name", [FRAMES, LIVE])
def test_likelihood_of_two_halves_averages_to_that_of_both(made, sequences, name):
    model = copy.deepcopy(made[name].model).eval()
    model.config = replace(model.config, target_noise=0.0)
    first, second, both = (
        Likelihood(sequences, start=start, frames=frames).nats(model)
        for start, frames in [(START, 6), (START + 6, 6), (START, 12)]
    )
    # A causal model sees a little further back where the first half is given as history of the second.
    assert both == pytest.approx((first + second) / 2, rel=1e-3)


def test_only_steps_are_counted(made):
    learner = Learner(made[FRAMES], budget=0.01)
    learner.learn_until(0.01)
    steps, seconds = learner.steps, learner.seconds
    learner.step()
    assert steps >= 1
    assert seconds >= 0.01
    assert (learner.steps, learner.seconds) == (steps, seconds)


def test_kept_bytes_are_those_of_the_forward_pass():
    weight = torch.ones(5, 3, requires_grad=True)
    x = torch.ones(2, 5)
    assert kept_bytes(lambda: (x @ weight).square().sum().backward(), weights=[weight]) == 4 * (2 * 5 + 2 * 3)


def test_curve_knows_when_it_was_as_good():
    curve = Curve(seconds=(1.0, 2.0, 4.0, 8.0), nats=(1.0, 0.5, 0.2, 0.3))
    assert curve.best == 0.2
    assert [curve.seconds_to(nats) for nats in (0.6, 0.2, 0.1)] == [2.0, 4.0, math.inf]


def test_all_learn_and_dance_and_are_shown(made, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "make_contenders", lambda folder, *, seed: made)
    monkeypatch.setattr(learning, "flops_per_second", lambda clock: 1e11)
    options = learning.Learning(seconds=0.01, data=folder, frames=6, metric=tmp_path / "curves.png")
    learning_table, dancing_table = learning.run(options).split("\n\n")
    for name in (FRAMES, CHANGES, LIVE):
        assert f"| {name}" in learning_table
        assert f"| {name}" in dancing_table
    assert options.metric.stat().st_size > 0


def test_frames_that_no_sequence_has_are_refused_in_one_sentence(made, folder, capsys, monkeypatch):
    monkeypatch.setattr(learning, "make_contenders", lambda folder, *, seed: made)
    assert learning.main(["--data", str(folder), "--frames", "300"]) == 2
    assert "choose fewer frames" in capsys.readouterr().err
