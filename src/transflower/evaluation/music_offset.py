"""The shift between song and dance under which the dance is likeliest.

The same frames of a dance are scored under every shift of the song. How sure the best shift is says a bootstrap over
blocks of 2 seconds of the dance: the share of draws whose likeliest shift is within 0.05 seconds of it.

Shape letters: S shifts, T frames.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from transflower.core.errors import DataError
from transflower.core.progress import progress
from transflower.core.seeds import generator
from transflower.generation.danced import shifted
from transflower.generation.likelihood import frame_log_likelihood
from transflower.generation.recordings import ModelledRecording
from transflower.models import LoadedModel

SURE = 0.9
"""Confidence below which no shift is claimed."""
_SAME_SECONDS = 0.05
_BLOCK_SECONDS = 2.0
_FEWEST_BLOCKS = 4
_DRAWS = 2000


@dataclass(frozen=True, kw_only=True, eq=False)
class OffsetCurve:
    """Log-likelihood of a dance under shifts of its song."""

    seconds: Float[np.ndarray, " S"]
    """Of the song that are heard at second 0 of the dance; above 0, the dance starts within the song."""
    nats: Float[np.ndarray, " S"]
    """Sums over the frames that are scored under every shift, and their columns."""
    frames: int
    """How many these are."""
    confidence: float
    """Share of the draws of the bootstrap in which the likeliest shift is the same."""

    @property
    def best(self) -> float:
        """The likeliest shift."""
        return float(self.seconds[np.argmax(self.nats)])

    @property
    def margin(self) -> float:
        """Nats by which it is likelier than the likeliest one that is another."""
        others = self.nats[np.abs(self.seconds - self.best) > _SAME_SECONDS]
        return float(self.nats.max() - others.max())

    @property
    def is_sure(self) -> bool:
        """Whether the shift can be claimed."""
        return self.confidence >= SURE


def offset_curve(
    loaded: LoadedModel, recording: ModelledRecording, *, output: str, fps: float, most: float, seed: int = 0
) -> OffsetCurve:
    """Score a dance under all shifts of its song by up to ``most`` seconds, frame by frame.

    Raises:
        DataError: song and dance overlap too little.
    """
    reach = math.floor(most * fps + 1e-6)
    # These frames of the dance have music under every shift.
    counted = range(reach, min(recording.num_frames, recording.song_frames - reach))
    block = round(_BLOCK_SECONDS * fps)
    if len(counted) < _FEWEST_BLOCKS * block:
        raise DataError(
            f"song and dance share {max(0, len(counted)) / fps:.1f} seconds under every shift of up to {most:g} "
            f"seconds, and {_FEWEST_BLOCKS * _BLOCK_SECONDS:g} are needed; take a longer dance, or a smaller --most"
        )
    shifts = np.arange(-reach, reach + 1)
    rows = np.stack(
        [
            _scored(loaded, recording, int(shift), output, seed)[counted.start : counted.stop]
            for shift in progress(shifts, label="shifts", unit="shift")
        ]
    ).astype(float)
    rows *= loaded.model.dims[output]
    return curve_of(rows, shifts / fps, block=block, seed=seed)


def curve_of(
    rows: Float[np.ndarray, "S T"], seconds: Float[np.ndarray, " S"], *, block: int, seed: int = 0
) -> OffsetCurve:
    """The curve of the nats of each frame under each shift."""
    blocks = np.add.reduceat(rows, np.arange(0, rows.shape[1], block), axis=1)
    count = blocks.shape[1]
    drawn = generator(seed, "offset").multinomial(count, np.full(count, 1 / count), size=_DRAWS)
    nats = rows.sum(axis=1)
    near = np.abs(seconds[np.argmax(drawn @ blocks.T, axis=1)] - seconds[np.argmax(nats)]) <= _SAME_SECONDS
    return OffsetCurve(seconds=seconds, nats=nats, frames=rows.shape[1], confidence=float(near.mean()))


def _scored(
    loaded: LoadedModel, recording: ModelledRecording, shift: int, output: str, seed: int
) -> Float32[np.ndarray, " T"]:
    """Nats per dimension of each frame of the dance whose frame 0 hears frame ``shift`` of the song; NaN without it."""
    moved, skipped = shifted(loaded, recording, shift)
    prompt = {name: rows[:skipped] for name, rows in recording.outputs.items() if skipped}
    found = frame_log_likelihood(loaded, moved.inputs, moved.outputs, prompt=prompt, seed=seed)[output]
    values = np.full(recording.num_frames, np.nan, np.float32)
    values[skipped : skipped + len(found)] = found
    return values
