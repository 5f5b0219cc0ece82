"""Changes of the spectrum of music: noise, and bands that are silent.

Shape letters: L frames, D columns, M mel bands.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from transflower.data.augmentation.draws import Draw
from transflower.features.sidecar import AudioSidecar

_BELOW_DECIBELS = (5.0, 30.0)
_TILT_DECIBELS = (-20.0, 10.0)
"""From the lowest band to the highest."""
_UNEVEN_DECIBELS = 3.0
_WIDEST = 0.25
"""Share of the bands that are silent at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SoundColumns:
    """Which columns of sound are levels of mel bands, in decibels."""

    bands: slice
    silence: Float32[np.ndarray, " M"]
    """Their levels without sound."""


def sound_columns(sidecar: AudioSidecar) -> SoundColumns | None:
    """The mel bands of features; None where there are none, side by side."""
    places = [index for index, name in enumerate(sidecar.names) if name.startswith("mel_")]
    if not places or places != list(range(places[0], places[-1] + 1)):
        return None
    bands = slice(places[0], places[-1] + 1)
    return SoundColumns(bands=bands, silence=np.array(sidecar.silence[bands], np.float32))


def change_sound(rows: Float32[np.ndarray, "L D"], columns: SoundColumns, draw: Draw) -> None:
    """Change the levels of one window in place. Beats and onsets stay those of the music."""
    levels, rng = rows[:, columns.bands], draw.rng
    if draw.has_noise:
        _mix_noise(levels, rng)
    if draw.drops_bands:
        count = levels.shape[1]
        width = int(rng.integers(1, max(1, int(_WIDEST * count)) + 1))
        first = int(rng.integers(count - width + 1))
        levels[:, first : first + width] = columns.silence[first : first + width]


def _mix_noise(levels: Float32[np.ndarray, "L M"], rng: np.random.Generator) -> None:
    """Noise of some colour, whose power adds to that of the music."""
    music = 10 * np.log10(np.mean(10 ** (levels / 10)))
    colour = np.linspace(-0.5, 0.5, levels.shape[1]) * rng.uniform(*_TILT_DECIBELS)
    colour += _UNEVEN_DECIBELS * rng.standard_normal(levels.shape[1])
    swell = rng.gamma(8.0, 1 / 8.0, levels.shape)
    noise = 10 ** ((music - rng.uniform(*_BELOW_DECIBELS) + colour) / 10) * swell
    levels[:] = 10 * np.log10(10 ** (levels / 10) + noise)
