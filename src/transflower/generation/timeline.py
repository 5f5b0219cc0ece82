"""The frames of one modality on the time line of a dance: frame 0 is the first of the song.

Shape letters: B dancers, T known frames, n frames, D columns.
"""

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor


class Timeline:
    """A row for every frame of a stretch, also before and after what is known."""

    def __init__(
        self,
        frames: range,
        known: Shaped[np.ndarray, "T D"],
        *,
        first: int = 0,
        fill: Shaped[np.ndarray, " D"] | None = None,
        dancers: int = 1,
        device: torch.device | None = None,
    ) -> None:
        """Lay out ``frames``.

        Args:
            frames: the stretch.
            known: rows of some of its frames.
            first: the frame of the first known row.
            fill: the row of all other frames; the nearest known one where it is None.
            dancers: B, who get the same rows but may write their own; 1 where nothing is written.
            device: where the rows shall lie.
        """
        index = np.arange(frames.start, frames.stop) - first
        rows = known[np.clip(index, 0, len(known) - 1)]
        if fill is not None:
            rows[(index < 0) | (index >= len(known))] = fill
        self.frames = frames
        self.rows: Shaped[Tensor, "B n D"] = torch.from_numpy(rows).to(device).repeat(dancers, 1, 1)

    def read(self, start: int, stop: int) -> Shaped[Tensor, "B n D"]:
        """The rows of frames ``start .. stop``, all within the stretch."""
        return self.rows[:, start - self.frames.start : stop - self.frames.start]

    def write(self, frame: int, row: Shaped[Tensor, "B D"]) -> None:
        """Set a frame of each dancer."""
        self.rows[:, frame - self.frames.start] = row
