import pytest
from hypothesis import given
from hypothesis import strategies as st

from transflower.training.schedules import ConstantConfig, CosineConfig, MultistepConfig, PlateauConfig


def share(config, step=10**6, progress=0.0, scores=()):
    return config.share(step, progress=progress, scores=[float(score) for score in scores])


def test_warmup_grows_evenly_to_the_full_rate():
    config = ConstantConfig(warmup_steps=4)
    assert [share(config, step) for step in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1])
    assert share(ConstantConfig(warmup_steps=0), 0) == 1


def test_cosine_ends_at_its_final_share_and_stays_there():
    config = CosineConfig(final=0.1)
    assert share(config, progress=0.0) == pytest.approx(1)
    assert share(config, progress=0.5) == pytest.approx(0.55)
    assert share(config, progress=1.0) == share(config, progress=1.5) == pytest.approx(0.1)


def test_multistep_falls_at_each_milestone():
    config = MultistepConfig(milestones=(10, 20), factor=0.1, warmup_steps=0)
    assert [share(config, step) for step in (0, 9, 10, 19, 20)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])


def test_plateau_falls_when_scores_stop_improving():
    config = PlateauConfig(patience=2, factor=0.5, threshold=0.1, least=0.2)
    assert share(config, scores=[5, 4, 3]) == 1
    assert share(config, scores=[5, 4, 3, 3]) == 1
    assert share(config, scores=[5, 4, 3, 3, 2.95]) == 0.5
    assert share(config, scores=[5, 4, 3, 3, 3, 2, 1]) == 0.5
    assert share(config, scores=[3, 3, 3, 3, 3, 3, 3, 3, 3]) == 0.2


@given(scores=st.lists(st.floats(allow_nan=False), max_size=30), step=st.integers(0, 500))
def test_plateau_never_leaves_its_range(scores, step):
    config = PlateauConfig(warmup_steps=0)
    assert config.least <= config.share(step, progress=0.0, scores=scores) <= 1
