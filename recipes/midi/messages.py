"""What of a standard MIDI file says when things happen: ticks of tempo changes, of time signatures and of notes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from transflower.core.errors import DataError

_META, _SYSEX, _SYSEX_END = 0xFF, 0xF0, 0xF7
_TEMPO, _TIME_SIGNATURE, _END_OF_TRACK = 0x51, 0x58, 0x2F
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Everything in the order of its time, in ticks from the start of the file."""

    ticks_per_quarter: int
    tempi: list[tuple[int, int]]
    """Tick -> microseconds for a quarter note, from there on."""
    signatures: list[tuple[int, int, int]]
    """Tick -> notes in a bar, and which part of a whole note each is."""
    notes: list[tuple[int, int, int]]
    """Tick -> channel, and pitch of a note that starts."""
    end: int
    """When the last note starts or ends."""


def read_messages(data: bytes) -> Messages:
    """Read a MIDI file of format 0 or 1.

    Raises:
        DataError: it is none, or is damaged.
    """
    division, events = read_events(data)
    tempi, signatures, notes, end = [], [], [], 0
    for tick, status, body in events:
        if status == _META and body[0] == _TEMPO:
            tempi.append((tick, int.from_bytes(body[1:4], "big")))
        elif status == _META and body[0] == _TIME_SIGNATURE:
            signatures.append((tick, body[1], 2 ** body[2]))
        elif status & 0xF0 in (_NOTE_ON, _NOTE_OFF):
            end = max(end, tick)
            if status & 0xF0 == _NOTE_ON and body[1]:
                notes.append((tick, status & 0x0F, body[0]))
    return Messages(
        ticks_per_quarter=division, tempi=sorted(tempi), signatures=sorted(signatures), notes=sorted(notes), end=end
    )


def read_events(data: bytes) -> tuple[int, list[tuple[int, int, bytes]]]:
    """Ticks of a quarter note; tick, status and data of every event, track after track.

    Of a meta event its kind is the first byte of the data.

    Raises:
        DataError: no MIDI file, or a damaged one.
    """
    try:
        length, division = _read_header(data)
        return division, [event for track in _tracks(data, 8 + length) for event in _events(track)]
    except (struct.error, IndexError) as error:
        raise DataError("the MIDI file is cut short") from error


def _read_header(data: bytes) -> tuple[int, int]:
    """Length of the header, ticks of a quarter note."""
    if data[:4] != b"MThd":
        raise DataError("a MIDI file starts with MThd, this one does not")
    length, kind, _, division = struct.unpack(">IHHH", data[4:14])
    if kind > 1 or division & 0x8000:
        raise DataError("only MIDI files of format 0 and 1, in ticks of a quarter note, can be read")
    return length, division


def _tracks(data: bytes, start: int) -> Iterator[bytes]:
    while start + 8 <= len(data):
        length = int.from_bytes(data[start + 4 : start + 8], "big")
        if data[start : start + 4] == b"MTrk":
            yield data[start + 8 : start + 8 + length]
        start += 8 + length


def _events(track: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Tick, status and data of each; of a meta event its kind is the first byte of the data."""
    place, tick, running = 0, 0, 0
    while place < len(track):
        delta, place = _number(track, place)
        tick += delta
        status = track[place]
        if status & 0x80:
            place += 1
        else:
            status = running
        if status == _META:
            kind = track[place]
            length, start = _number(track, place + 1)
            place = start + length
            if kind == _END_OF_TRACK:
                return
            yield tick, status, bytes([kind]) + track[start:place]
        elif status in (_SYSEX, _SYSEX_END):
            length, start = _number(track, place)
            place = start + length
        else:
            running = status
            length = _DATA_BYTES[_kind(status)]
            if place + length > len(track):
                raise IndexError
            yield tick, status, track[place : place + length]
            place += length


def _kind(status: int) -> int:
    if status & 0xF0 not in _DATA_BYTES:
        raise DataError(f"the MIDI file holds a message of an unknown kind, {status:#x}")
    return status & 0xF0


def _number(track: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, and the place after it."""
    value = 0
    while True:
        byte = track[place]
        place += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, place
