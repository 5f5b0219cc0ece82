"""Onset strength: how much louder the bands of the spectrum have just become.

The envelope runs at its own rate, about 120 Hz, whatever the frame rate. Its entry i is centred on i / rate seconds.

Shape letters: N samples, E entries of the envelope, M mel bands.
"""

import numpy as np
from jaxtyping import Float32

from transflower.features.audio.spectrum import MelSpectrum

_RATE = 120
_WINDOW_SECONDS = 0.043
_BANDS = 40
# Dancers step on kicks rather than on hats: the bands below about 700 Hz count half as much again.
_BASS_BANDS = 8
_BASS_WEIGHT = 0.5
# Entries back to the spectrum that is compared with.
_LAG = 3


class OnsetEnvelope:
    """Rise of the amplitude within 25 ms, mean over the bands plus half the mean over the bass.

    Each band is compared with the louder of itself and its neighbours, so that vibrato is no onset (SuperFlux).
    Amplitudes rather than levels, because a loud drum says more about the beat than the pluck between two drums.
    """

    def __init__(self, sample_rate: int) -> None:
        self.hop = round(sample_rate / _RATE)
        self.rate = sample_rate / self.hop
        window = 2 ** round(np.log2(_WINDOW_SECONDS * sample_rate))
        self._spectrum = MelSpectrum(sample_rate=sample_rate, window=window, bands=_BANDS)

    @property
    def samples_before(self) -> int:
        """Samples before the centre of an entry that it depends on."""
        return _LAG * self.hop + self._spectrum.window // 2

    @property
    def samples_after(self) -> int:
        """Samples from the centre of an entry on that it depends on."""
        return self._spectrum.window // 2

    def strength(self, samples: Float32[np.ndarray, " N"]) -> Float32[np.ndarray, " E"]:
        """The entries that depend on ``samples`` alone; the first is centred on sample ``samples_before``."""
        num_entries = (len(samples) - self.samples_before - self.samples_after) // self.hop + 1
        centres = np.arange(num_entries + _LAG) * self.hop + self._spectrum.window // 2
        amplitudes = np.sqrt(self._spectrum.power(samples, centres))
        padded = np.pad(amplitudes[:-_LAG], ((0, 0), (1, 1)), mode="edge")
        before = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
        rise = np.maximum(amplitudes[_LAG:] - before, 0)
        return rise.mean(axis=1) + _BASS_WEIGHT * rise[:, :_BASS_BANDS].mean(axis=1)
