import pytest
import torch

from transflower.core.errors import OptionsError
from transflower.models.history_noise import HistoryNoise

FRAMES = torch.zeros(400, 60, 3)


def draw(**options):
    return HistoryNoise(**options).draw(FRAMES, torch.Generator().manual_seed(0))


def test_white_noise_forgets_at_once():
    noise = draw(most=0.5)
    assert noise.std() == pytest.approx(0.5, rel=0.02)
    assert (noise[:, 1:] * noise[:, :-1]).mean() == pytest.approx(0, abs=0.005)


def test_noise_with_memory_keeps_its_share_from_the_first_frame_to_the_last():
    noise = draw(most=0.5, memory=0.8)
    kicks = noise[:, 1:] - 0.8 * noise[:, :-1]
    assert kicks.std() == pytest.approx(0.5, rel=0.02)
    spread = noise.std(dim=(0, 2))
    assert spread[[0, 1, -1]].numpy() == pytest.approx([0.5 / 0.6] * 3, rel=0.1)


def test_each_column_of_each_window_has_its_own_level():
    levels = draw(most=1.0, least=0.01).std(dim=1).log10()
    assert (levels.max(dim=1).values - levels.min(dim=1).values).mean() > 0.7
    assert levels.min() == pytest.approx(-2, abs=0.1)
    assert levels.max() == pytest.approx(0, abs=0.1)
    assert levels.mean() == pytest.approx(-1, abs=0.1)


@pytest.mark.parametrize("options", ({"most": -1.0}, {"most": 0.1, "least": 0.2}, {"most": 0.1, "memory": 1.0}))
def test_impossible_noise_is_refused(options):
    with pytest.raises(OptionsError, match="history noise"):
        HistoryNoise(**options)
