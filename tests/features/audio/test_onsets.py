import numpy as np
import pytest

from tests.features.audio.factories import make_clicks
from transflower.features.audio.onsets import OnsetEnvelope


def envelope_of(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, float]:
    """The envelope from time 0 on, and its rate."""
    onsets = OnsetEnvelope(sample_rate)
    padded = np.concatenate([np.zeros(onsets.samples_before), samples, np.zeros(onsets.samples_after)])
    return onsets.strength(padded.astype(np.float32)), onsets.rate


@pytest.mark.parametrize("sample_rate", (16000, 22050, 24000, 48000))
@pytest.mark.parametrize("hertz", (80.0, 1000.0, 5000.0))
def test_peak_is_at_the_click(sample_rate: int, hertz: float) -> None:
    for time in (0.5, 0.523, 0.61):
        samples = make_clicks(np.array([time]), 1.0, sample_rate, hertz).mono
        envelope, rate = envelope_of(samples, sample_rate)
        assert envelope.argmax() / rate == pytest.approx(time, abs=0.01)


def test_steady_sounds_and_their_ends_are_no_onsets() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48000) / 24000)
    envelope, rate = envelope_of(tone, 24000)
    assert envelope[round(0.1 * rate) : round(1.9 * rate)].max() < 0.01 * envelope.max()
    fading = tone * np.linspace(1, 0, len(tone))
    assert envelope_of(fading, 24000)[0][round(0.1 * rate) :].max() < 0.01 * envelope.max()


def test_vibrato_is_a_smaller_onset_than_a_note() -> None:
    at = np.arange(48000) / 24000
    vibrato = 0.5 * np.sin(2 * np.pi * 440 * at + 4 * np.sin(2 * np.pi * 5 * at))
    envelope, rate = envelope_of(vibrato, 24000)
    assert envelope[round(0.1 * rate) : round(1.9 * rate)].max() < 0.1 * envelope.max()


def test_silence_has_no_onsets() -> None:
    envelope, _ = envelope_of(np.zeros(24000), 24000)
    assert not envelope.any()
