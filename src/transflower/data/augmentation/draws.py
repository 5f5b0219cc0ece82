"""What is drawn for each window: by the seed, the epoch and the number of the window alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transflower.core.seeds import generator
from transflower.data.augmentation.options import AugmentationConfig


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What happens to one window."""

    is_mirrored: bool
    tempo: float
    """How many frames of the recording a frame of the window is long."""
    has_noise: bool
    drops_bands: bool
    seed: int
    """Of the rest."""

    @property
    def rng(self) -> np.random.Generator:
        """Draws the rest, the same whenever it is asked for."""
        return np.random.default_rng(self.seed)


def draw_windows(config: AugmentationConfig, seed: int, epoch: int, windows: Sequence[int]) -> list[Draw]:
    """One for each window."""
    return [_draw(config, generator(seed, "augmentation", epoch, window)) for window in windows]


def _draw(config: AugmentationConfig, rng: np.random.Generator) -> Draw:
    # All are drawn in any case, so that turning one on changes no other.
    mirror, tempo, noise, bands = rng.random(4).tolist()
    return Draw(
        is_mirrored=mirror < config.mirror,
        tempo=float((1 + config.tempo) ** (2 * tempo - 1)),
        has_noise=noise < config.noise,
        drops_bands=bands < config.drop_bands,
        seed=int(rng.integers(2**63)),
    )
