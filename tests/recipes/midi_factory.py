"""MIDI files and WADs, written byte by byte."""

import struct


def make_midi(events, *, ticks=96, kind=0):
    """A file of one track; ``events`` are (ticks since the last, bytes)."""
    track = b"".join(_number(delta) + body for delta, body in events) + b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, kind, 1, ticks) + b"MTrk" + struct.pack(">I", len(track)) + track


def tempo(bpm):
    return b"\xff\x51\x03" + round(60e6 / bpm).to_bytes(3, "big")


def signature(count, part):
    return b"\xff\x58\x04" + bytes([count, part.bit_length() - 1, 24, 8])


def note(pitch=60, channel=0, velocity=100):
    return bytes([0x90 | channel, pitch, velocity])


def make_wad(lumps):
    """A WAD with these lumps, a list of (name, bytes)."""
    body, directory, start = b"", b"", 12
    for name, data in lumps:
        directory += struct.pack("<ii8s", start, len(data), name.encode())
        body += data
        start += len(data)
    return b"PWAD" + struct.pack("<ii", len(lumps), start) + body + directory


def _number(value):
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
