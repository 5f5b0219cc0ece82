import pytest
import torch

from transflower.core.errors import OptionsError
from transflower.models.history_noise import HistoryNoise
from transflower.nn.noise import SharedNoise

FRAMES = torch.zeros(400, 60, 3)
ALL_KNOWN = torch.zeros(400, dtype=torch.long)


def seeded():
    return torch.Generator().manual_seed(0)


def seeded_noise():
    return SharedNoise(seeded())


def draw(**options):
    return HistoryNoise(**options).draw(FRAMES, ALL_KNOWN, seeded_noise())


def test_white_noise_forgets_at_once():
    noise = draw(sigma_max=0.5)
    assert noise.std() == pytest.approx(0.5, rel=0.02)
    assert (noise[:, 1:] * noise[:, :-1]).mean() == pytest.approx(0, abs=0.005)


def test_noise_with_a_decay_keeps_its_share_from_the_first_frame_to_the_last():
    noise = draw(sigma_max=0.5, decay=0.8)
    fresh = noise[:, 1:] - 0.8 * noise[:, :-1]
    assert fresh.std() == pytest.approx(0.5, rel=0.02)
    spread = noise.std(dim=(0, 2))
    assert spread[[0, 1, -1]].numpy() == pytest.approx([0.5 / 0.6] * 3, rel=0.1)


def test_each_column_of_each_window_has_its_own_level():
    levels = draw(sigma_max=1.0, sigma_min=0.01).std(dim=1).log10()
    assert (levels.max(dim=1).values - levels.min(dim=1).values).mean() > 0.7
    assert levels.min() == pytest.approx(-2, abs=0.1)
    assert levels.max() == pytest.approx(0, abs=0.1)
    assert levels.mean() == pytest.approx(-1, abs=0.1)


def test_a_constant_offset_lasts_from_the_first_frame_to_the_last():
    passing, both = draw(sigma_max=0.1, decay=0.5), draw(sigma_max=0.1, decay=0.5, offset_scale=20.0)
    constant = both - passing
    assert torch.allclose(constant, constant[:, :1].expand_as(constant), atol=1e-5)
    assert constant.std() == pytest.approx(2.0, rel=0.05)


def test_before_the_first_known_frame_is_the_mean_pose_and_then_its_offset_decays():
    frames = torch.randn(2, 6, 3, generator=seeded())
    known = torch.tensor([0, 4])
    offset = HistoryNoise(decay=0.5, blank_prefix=1.0).draw(frames, known, seeded_noise())
    assert torch.equal(offset[0], torch.zeros(6, 3))
    assert torch.equal(offset[1, :4], -frames[1, :4])
    assert torch.allclose(offset[1, 4:], -frames[1, 3] * torch.tensor([[0.5], [0.25]]))


def test_so_many_windows_begin_unknown_and_end_anywhere():
    first = HistoryNoise(blank_prefix=0.25).draw_known(torch.empty(4000), seeded_noise())
    assert (first > 0).float().mean() == pytest.approx(0.25, abs=0.03)
    assert first[first > 0].mean() == pytest.approx(0.5, abs=0.05)
    assert first.max() < 1


@pytest.mark.parametrize(
    "options",
    (
        {"sigma_max": -1.0},
        {"sigma_max": 0.1, "sigma_min": 0.2},
        {"sigma_max": 0.1, "decay": 1.0},
        {"sigma_max": 0.1, "offset_scale": -1.0},
        {"blank_prefix": 1.5},
    ),
)
def test_impossible_noise_is_refused(options):
    with pytest.raises(OptionsError, match="history noise"):
        HistoryNoise(**options)
