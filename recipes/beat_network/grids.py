"""Which MIDI songs have trustworthy beats: some were recorded from a keyboard, with no regard to any tempo."""

import numpy as np

from recipes.midi.messages import Messages, read_messages

_STRAIGHT, _TRIPLET = 4, 3
_NEAR = 0.04
"""In quarter notes."""
_LEAST_SHARE = 0.75
_DRUMS, _KICKS, _LOW_PITCH = 9, (35, 36), 48


def is_on_grid(data: bytes) -> bool:
    """Whether nearly all notes start at a sixteenth or at a third of a quarter note."""
    messages = read_messages(data)
    place = np.array([tick for tick, _, _ in messages.notes]) / messages.ticks_per_quarter
    distances = [np.abs(place * parts - np.rint(place * parts)) / parts for parts in (_STRAIGHT, _TRIPLET)]
    return bool((np.minimum(*distances) < _NEAR).mean() >= _LEAST_SHARE)


def has_clear_bars(data: bytes) -> bool:
    """Whether more kicks and bass notes start with the bars than with any other of their beats."""
    messages = read_messages(data)
    if len(messages.signatures) > 1:
        return True
    beats_in_bar = messages.signatures[0][1] if messages.signatures else 4
    place = np.mod(_low_notes(messages), beats_in_bar)
    counts = [(np.abs(place - beat) < _NEAR).sum() for beat in range(beats_in_bar)]
    return bool(counts[0] > max(counts[1:], default=0))


def _low_notes(messages: Messages) -> np.ndarray:
    """When kicks and bass notes start, in quarter notes."""
    ticks = [
        tick
        for tick, channel, pitch in messages.notes
        if (pitch in _KICKS if channel == _DRUMS else pitch < _LOW_PITCH)
    ]
    return np.array(ticks) / messages.ticks_per_quarter
