import pytest

from transflower.core.errors import OptionsError
from transflower.features.audio import AudioSettings


@pytest.mark.parametrize(
    ("options", "message"),
    (
        ({"fps": 0.0}, "fps of audio features must be 10 to 1000, got 0.0"),
        ({"fps": float("nan")}, "fps"),
        ({"sample_rate": 0}, "sample_rate must be 8000 to 192000"),
        ({"mels": 0}, "mels must be 1 to 1024"),
        ({"n_fft": 1001}, "n_fft must be even"),
        ({"n_fft": 4096}, "n_fft 4096 needs too much lookahead; at 24000 Hz use at most 3840"),
    ),
)
def test_settings_that_cannot_be_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        AudioSettings(**options)
