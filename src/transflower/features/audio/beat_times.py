"""What a person reads of the beat columns: when the beats are, how fast, and how sure.

Shape letters: T rows, D columns, B beats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.core.stretches import stretches

_HAND = ("beat_cos", "beat_sin")
_SURE = "beat_sure"
_SURE_ENOUGH = 0.25
"""Where the features are less sure than this, no beat is told."""
_FEWEST = 4
"""Beats; with fewer, no beat is heard."""
_TEMPO_BEATS = 4
"""Beats over which a tempo is measured: one alone is off by the rounding of its moment."""
_OUTERMOST = 5
"""Percent of the tempi at each end that do not count for the range."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeardBeats:
    """The beats that features hold."""

    times: Float[np.ndarray, " B"]
    """Seconds, ascending."""
    sure: Float[np.ndarray, " B"]
    """How sure each beat is, 0 to 1."""
    tempi: Float[np.ndarray, " B"]
    """Beats per minute around each beat; NaN where it has no neighbour."""
    share: float
    """Part of the rows in which the features are sure enough of a beat."""
    certainty: float
    """How sure they are there, 0 to 1; 0 where there is none."""

    @property
    def is_heard(self) -> bool:
        """Whether there are enough beats to speak of a tempo."""
        return len(self.times) >= _FEWEST and bool(np.isfinite(self.tempi).any())

    @property
    def bpm(self) -> float:
        """The median tempo; NaN where no beat is heard."""
        return float(np.nanmedian(self.tempi)) if self.is_heard else float("nan")

    @property
    def bpm_range(self) -> tuple[float, float]:
        """The slowest and the fastest tempo, without the outermost twentieth at each end; NaN where none is heard."""
        if not self.is_heard:
            return float("nan"), float("nan")
        slowest, fastest = np.nanpercentile(self.tempi, [_OUTERMOST, 100 - _OUTERMOST])
        return float(slowest), float(fastest)


def has_beats(names: Sequence[str]) -> bool:
    """Whether features with these columns say when the beats are."""
    return set(_HAND) <= set(names)


def describes_beats(described: Mapping[str, Any] | None) -> bool:
    """Whether the sidecar of a modality of any kind describes columns that say when the beats are."""
    return described is not None and described.get("kind") == "audio" and has_beats(described.get("names", ()))


def described_beats(described: Mapping[str, Any] | None, rows: np.ndarray) -> HeardBeats | None:
    """Beats of the rows of a modality of any kind; None where its sidecar describes no columns for them."""
    if described is None or not describes_beats(described) or rows.shape[-1] != len(described["names"]):
        return None
    return heard_beats(rows, list(described["names"]), float(described["fps"]))


def heard_beats(rows: Float[np.ndarray, "T D"], names: Sequence[str], fps: float) -> HeardBeats:
    """Beats of audio features, of which row k is at k / fps seconds and ``names`` are the columns.

    A beat is where the hand passes straight up, between two rows by interpolation.

    Raises:
        DataError: the features have no such columns.
    """
    if not has_beats(names):
        raise DataError(f"these features have no columns {' and '.join(_HAND)}, which say when the beats are")
    columns = [names.index(name) for name in _HAND]
    hand = np.asarray(rows[:, columns], np.float64) @ np.array([1, 1j])
    sure = np.asarray(rows[:, names.index(_SURE)], np.float64) if _SURE in names else np.abs(hand)
    sure = np.clip(sure, 0, 1)
    is_sure = (sure >= _SURE_ENOUGH) & (np.abs(hand) > 0)
    heard = [start + _beats(hand[start:stop]) for start, stop in stretches(is_sure)]
    frames = np.concatenate([np.zeros(0), *heard])
    return HeardBeats(
        times=np.maximum(0.0, frames / fps),
        sure=np.interp(frames, np.arange(len(sure)), sure) if len(frames) else np.zeros(0),
        tempi=np.concatenate([np.zeros(0), *(_tempi(stretch / fps) for stretch in heard)]),
        share=float(is_sure.mean()) if len(rows) else 0.0,
        certainty=float(sure[is_sure].mean()) if is_sure.any() else 0.0,
    )


def _beats(hand: np.ndarray) -> Float[np.ndarray, " B"]:
    """Where the hand of consecutive rows passes straight up, in rows."""
    turned = np.cumsum(np.concatenate([np.angle(hand[:1]), np.angle(hand[1:] * hand[:-1].conj())])) / (2 * np.pi)
    # A hand that trembles at the top passes it once.
    turned = np.maximum.accumulate(turned)
    # A row speaks of the half frame before it too, where the first beat of a song may be.
    turned = np.concatenate([turned[:1] - (turned[1:2] - turned[:1]).sum() / 2, turned])
    rows = np.concatenate([[-0.5], np.arange(len(hand))])
    before, after = np.ceil(turned[:-1]), np.ceil(turned[1:])
    passes = np.flatnonzero(after > before)
    part = (before[passes] - turned[passes]) / (turned[passes + 1] - turned[passes])
    return np.asarray(rows[passes] + part * (rows[passes + 1] - rows[passes]))


def _tempi(times: Float[np.ndarray, " B"]) -> Float[np.ndarray, " B"]:
    """Beats per minute around each beat of a stretch without gaps."""
    count = len(times)
    if count < 2:
        return np.full(count, np.nan)
    width = min(_TEMPO_BEATS, count - 1)
    first = np.clip(np.arange(count) - width // 2, 0, count - 1 - width)
    return np.asarray(60 * width / (times[first + width] - times[first]))
