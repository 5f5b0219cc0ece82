"""The beats of a MIDI file, by its tempo map and its time signatures.

Shape letters: K beats.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from recipes.midi.messages import Messages, read_messages

_USUAL_TEMPO = 500_000
"""Microseconds for a quarter note where nothing is said."""
_USUAL_SIGNATURE = (4, 4)


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Where the beats are."""

    beats: Float[np.ndarray, "K"]
    """Seconds from the start of the file to the end of its last note."""
    is_downbeat: Bool[np.ndarray, "K"]
    """Whether each is the first of a bar."""
    seconds: float
    """The end of the last note."""


def read_grid(data: bytes) -> Grid:
    """Beats are quarter notes; in 2/2 halves, in 6/8, 9/8 and 12/8 three eighths.

    Raises:
        DataError: no MIDI file, or a damaged one.
    """
    messages = read_messages(data)
    ticks, is_downbeat = _beats(messages)
    return Grid(
        beats=_seconds(messages, ticks),
        is_downbeat=is_downbeat,
        seconds=float(_seconds(messages, np.array([float(messages.end)]))[0]),
    )


def _beats(messages: Messages) -> tuple[Float[np.ndarray, "K"], Bool[np.ndarray, "K"]]:
    """Ticks of all beats; a time signature begins a bar."""
    signatures = {0: _USUAL_SIGNATURE} | {tick: (count, part) for tick, count, part in messages.signatures}
    ticks, is_downbeat = [], []
    for (start, (count, part)), (stop, _) in pairwise([*sorted(signatures.items()), (messages.end, _USUAL_SIGNATURE)]):
        note = 4 * messages.ticks_per_quarter / part
        is_compound = part == 8 and count % 3 == 0 and count > 3
        beat = 3 * note if is_compound else max(note, float(messages.ticks_per_quarter))
        found = np.arange(start, stop, beat)
        ticks.append(found)
        is_downbeat.append(np.mod(found - start + 0.5, count * note) < 1)
    return np.concatenate(ticks), np.concatenate(is_downbeat)


def _seconds(messages: Messages, ticks: Float[np.ndarray, "K"]) -> Float[np.ndarray, "K"]:
    """The moments of ticks."""
    tempi = {0: _USUAL_TEMPO} | dict(messages.tempi)
    starts = np.array(sorted(tempi), float)
    per_tick = np.array([tempi[int(start)] for start in starts]) / 1e6 / messages.ticks_per_quarter
    moments = np.concatenate([[0.0], np.cumsum(np.diff(starts) * per_tick[:-1])])
    at = np.searchsorted(starts, ticks, side="right") - 1
    return np.asarray(moments[at] + (ticks - starts[at]) * per_tick[at])
