import numpy as np
import pytest

from transflower.synthetic.tremor import tremor


@pytest.mark.parametrize("fps", [20.0, 30.0, 120.0])
def test_tremble_has_unit_size_and_is_smooth_at_any_frame_rate(fps):
    noise = tremor(round(200 * fps), 4, fps, np.random.default_rng(0))
    np.testing.assert_allclose(noise.std(axis=0), 1, atol=0.15)
    power = np.abs(np.fft.rfft(noise, axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(noise), 1 / fps)
    assert power[frequencies > 4].sum() < 0.01 * power.sum()
