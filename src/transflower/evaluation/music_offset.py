"""The shift between song and dance under which the dance is likeliest.

The same frames of a dance are scored under every shift of the song, with the same noise: those for which the song holds
all that the model reads of it, whatever the shift. How sure the best shift is says a bootstrap over blocks of 2 seconds
of the dance: the share of draws whose likeliest shift is within 0.05 seconds of it.

Shape letters: S shifts, T frames.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Shaped

from transflower.core.errors import DataError
from transflower.core.progress import progress
from transflower.core.seeds import generator
from transflower.generation.conditions import rows_at, silence_rows
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
    def is_at_edge(self) -> bool:
        """Whether the likeliest shift is the least or the greatest that was tried: one beyond may be likelier."""
        return bool(np.abs(self.seconds[[0, -1]] - self.best).min() <= _SAME_SECONDS + 1e-6)

    @property
    def is_sure(self) -> bool:
        """Whether the shift can be claimed."""
        return self.confidence >= SURE and not self.is_at_edge


def offset_curve(
    loaded: LoadedModel,
    recording: ModelledRecording,
    *,
    output: str,
    fps: float,
    most: float,
    around: int = 0,
    seed: int = 0,
) -> OffsetCurve:
    """Score a dance under all shifts of its song by up to ``most`` seconds about ``around`` frames, frame by frame.

    Raises:
        DataError: song and dance overlap too little.
    """
    most_frames = max(1, math.floor(most * fps + 1e-6))
    shifts = range(around - most_frames, around + most_frames + 1)
    before, after = _heard(loaded, output)
    counted = range(
        max(0, before - shifts[0]), min(recording.num_frames, max(0, recording.song_frames - shifts[-1] - after))
    )
    block = round(_BLOCK_SECONDS * fps)
    if len(counted) < _FEWEST_BLOCKS * block:
        raise DataError(
            f"{len(counted) / fps:.1f} seconds of the dance have music under every shift of up to {most:g} seconds, "
            f"with {(before + after) / fps:.1f} seconds of it around each frame, and "
            f"{_FEWEST_BLOCKS * _BLOCK_SECONDS:g} are needed; take a longer dance, or a smaller --most"
        )
    scored = recording.first(counted.stop)
    rows = np.stack(
        [
            _scored(loaded, scored, shift, output, seed)[counted.start :]
            for shift in progress(shifts, label="shifts", unit="shift")
        ]
    ).astype(float)
    rows *= loaded.model.dims[output]
    return curve_of(rows, np.array(shifts) / fps, block=block, seed=seed)


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


def _heard(loaded: LoadedModel, output: str) -> tuple[int, int]:
    """Frames of music before a frame of the dance that it is predicted from, and after it."""
    model = loaded.model
    spans = [model.spans[name] for name in model.conditions if model.has_time(name)]
    own = model.config.target_spans[output].start
    before = own + model.history - min((math.floor(span.start / span.rate) for span in spans), default=0)
    after = max((math.ceil(span.stop / span.rate) for span in spans), default=0) - 1 - own
    return max(0, before), max(0, after)


def _scored(
    loaded: LoadedModel, recording: ModelledRecording, shift: int, output: str, seed: int
) -> Float32[np.ndarray, " T"]:
    """Nats per dimension of each frame of the dance whose frame 0 hears frame ``shift`` of the song.

    The song is moved, and never the dance: so all shifts have the same windows, and the same noise on targets.
    """
    fill = silence_rows(loaded.sidecars)
    inputs = {name: _moved(loaded, name, rows, shift, fill.get(name)) for name, rows in recording.inputs.items()}
    return frame_log_likelihood(loaded, inputs, recording.outputs, seed=seed)[output]


def _moved(
    loaded: LoadedModel, name: str, rows: Shaped[np.ndarray, "T D"], shift: int, fill: Shaped[np.ndarray, " D"] | None
) -> Shaped[np.ndarray, "_ D"]:
    """Rows of a condition from frame ``shift`` on; what is before the song is silence."""
    if not loaded.model.has_time(name):
        return rows
    first = math.floor(shift * loaded.model.spans[name].rate)
    return rows_at(range(first, max(first + 1, len(rows))), rows, first=0, fill=fill)
