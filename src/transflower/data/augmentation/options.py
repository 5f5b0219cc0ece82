"""How training windows are changed at random."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from transflower.core.options.ranges import Share


@dataclass(frozen=True, kw_only=True)
class AugmentationConfig:
    """Changes of training windows, drawn anew in each epoch. Validation reads the recordings as they are."""

    mirror: Share = 0.0
    """Share of the windows that are mirrored: left becomes right. 0.5 doubles what a folder holds."""
    tempo: Annotated[float, Ge(0), Le(0.5)] = 0.0
    """Largest change of tempo, of dance and music together: 0.1 is from 9 % slower to 10 % faster."""
    noise: Share = 0.0
    """Share of the windows in whose sound noise is mixed, from 5 to 30 decibels below the music."""
    drop_bands: Share = 0.0
    """Share of the windows in whose sound up to a quarter of the bands, side by side, is silent."""

    @property
    def is_on(self) -> bool:
        """Whether anything is changed."""
        return any((self.mirror, self.tempo, self.noise, self.drop_bands))
