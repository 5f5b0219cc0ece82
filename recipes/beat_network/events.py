"""Events of a MIDI file, read and written, so that variants of a song can be made."""

import struct
from dataclasses import dataclass, replace

from recipes.midi.messages import read_events

META, TEMPO, SIGNATURE = 0xFF, 0x51, 0x58
NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
DRUMS = 9
"""The channel of drums."""


@dataclass(frozen=True)
class Event:
    """One message at its time."""

    tick: int
    status: int
    body: bytes
    """Its data; of a meta event the kind comes first."""

    @property
    def kind(self) -> int:
        """The status without the channel; META as it is."""
        return self.status if self.status >= 0xF0 else self.status & 0xF0

    @property
    def channel(self) -> int:
        """Of notes, controls and programs."""
        return self.status & 0x0F

    @property
    def is_note(self) -> bool:
        """Whether a note starts or ends."""
        return self.kind in (NOTE_ON, NOTE_OFF)

    @property
    def is_tempo(self) -> bool:
        """Whether the tempo changes."""
        return self.kind == META and self.body[0] == TEMPO


@dataclass(frozen=True)
class Score:
    """A whole file, in the order of time."""

    ticks_per_quarter: int
    events: list[Event]

    def with_events(self, events: list[Event]) -> "Score":
        """Other events at the same resolution; sorted by time, else as they come."""
        return replace(self, events=sorted(events, key=lambda event: event.tick))


def read_score(data: bytes) -> Score:
    """Read a MIDI file of format 0 or 1.

    Raises:
        DataError: it is none, or is damaged.
    """
    ticks_per_quarter, events = read_events(data)
    return Score(ticks_per_quarter, []).with_events([Event(*event) for event in events])


def write_score(score: Score) -> bytes:
    """The MIDI file of format 0."""
    track, now = bytearray(), 0
    for event in score.events:
        track += _number(event.tick - now) + bytes([event.status])
        track += event.body[:1] + _number(len(event.body) - 1) + event.body[1:] if event.kind == META else event.body
        now = event.tick
    track += bytes([0, META, 0x2F, 0])
    header = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, score.ticks_per_quarter)
    return header + struct.pack(">4sI", b"MTrk", len(track)) + bytes(track)


def tempo(tick: int, bpm: float) -> Event:
    """A change of tempo, in quarter notes per minute."""
    return Event(tick, META, bytes([TEMPO]) + round(60e6 / bpm).to_bytes(3, "big"))


def signature(tick: int, count: int, part: int) -> Event:
    """A time signature, such as 6 and 8."""
    return Event(tick, META, bytes([SIGNATURE, count, part.bit_length() - 1, 24, 8]))


def note(start: int, stop: int, channel: int, pitch: int, velocity: int) -> list[Event]:
    """A note from its start to its end."""
    return [
        Event(start, NOTE_ON | channel, bytes([pitch, velocity])),
        Event(max(stop, start + 1), NOTE_OFF | channel, bytes([pitch, 0])),
    ]


def _number(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))
