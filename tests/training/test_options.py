import pytest

from tests.training.factories import experiment, tree
from transflower.core.errors import OptionsError
from transflower.core.options import decode, encode, load_yaml
from transflower.models.presets import PRESETS
from transflower.training import Experiment, TrainingConfig
from transflower.training.schedules import ConstantConfig


def test_defaults_need_no_end():
    config = TrainingConfig()
    assert (config.max_steps, config.max_minutes) == (None, None)
    assert isinstance(config.schedule, ConstantConfig)
    assert not config.is_over(10**9, 1e9)


def test_experiment_reads_back_to_an_equal_one(tmp_path):
    one = experiment(tmp_path, schedule={"type": "multistep", "milestones": [3, 5]}, validate_batches=None)
    assert decode(Experiment, encode(one)) == one


@pytest.mark.parametrize(
    ("limits", "step", "seconds", "progress", "is_over"),
    [
        ({"max_steps": 10}, 5, 1e6, 0.5, False),
        ({"max_steps": 10}, 10, 0.0, 1.0, True),
        ({"max_minutes": 2.0}, 5, 30.0, 0.25, False),
        ({"max_minutes": 2.0}, 5, 120.0, 1.0, True),
        ({"max_steps": 10, "max_minutes": 2.0}, 5, 120.0, 0.5, True),
        ({}, 5, 120.0, 0.0, False),
    ],
)
def test_progress_follows_steps_where_they_are_limited_else_the_clock(limits, step, seconds, progress, is_over):
    config = TrainingConfig(**limits)
    assert config.progress(step, seconds) == progress
    assert config.is_over(step, seconds) is is_over


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be above 0, got 0"),
        ({"max_steps": 0}, "max_steps must be above 0"),
        ({"max_minutes": -1}, "max_minutes must be above 0"),
        ({"ema": 1.0}, "ema"),
        ({"clip": -1}, "clip"),
        ({"devices": 0}, "devices must be above 0"),
        ({"precision": "fp16"}, "training.precision"),
        ({"optimiser": {"type": "adamm"}}, "did you mean 'adam"),
        ({"optimiser": {"type": "adam", "lr": 0}}, "training.optimiser: lr must be above 0"),
        ({"schedule": {"type": "cosine"}, "max_steps": None}, "give max_steps or max_minutes"),
        ({"schedule": {"type": "cosine", "final": 2}}, "final must be a share"),
        ({"schedule": {"type": "multistep"}}, "training.schedule.milestones: is required"),
        ({"schedule": {"type": "multistep", "milestones": [1], "factor": 1.5}}, "factor must be a share"),
        ({"schedule": {"type": "plateau", "patience": 0}}, "patience"),
        ({"schedule": {"type": "constant", "warmup_steps": -1}}, "warmup_steps must not be negative"),
        ({"rollouts": {"frames": 2}}, "training.rollouts: rollouts need"),
        ({"best_by": "rollout", "rollouts": {"sequences": 0}}, "best_by: rollout needs rollouts"),
        ({"best_by": "rollout/drift", "rollouts": {"sequences": 0}}, "best_by: rollout/drift needs rollouts"),
        ({"best_by": "accuracy"}, "best_by is auto, likelihood, loss, rollout, or a metric"),
        ({"learning_rate": 1}, "training.learning_rate: unknown option"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, options, message):
    with pytest.raises(OptionsError) as refused:
        decode(Experiment, tree(tmp_path, **options))
    assert message in str(refused.value)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_experiments_that_lack_only_the_data(name, tmp_path):
    options = load_yaml(PRESETS[name], presets=PRESETS)
    found = decode(Experiment, options | {"data": {"folder": str(tmp_path)}})
    assert found.training.max_steps or found.training.max_minutes
