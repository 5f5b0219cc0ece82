"""Bytes changed where it hurts: near the start, where headers are, more often than elsewhere."""

import random
from collections.abc import Callable

_FIELDS = (b"\x00" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00", b"\x00\x00\x00\x01")


def mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    """One change of some bytes."""
    if not data:
        return rng.randbytes(rng.randint(1, 64))
    return rng.choice(_CHANGES)(rng, data)


def place(rng: random.Random, size: int) -> int:
    """An index below ``size``: in every other case within the first hundred."""
    return rng.randrange(min(size, 100) if rng.random() < 0.5 else size)


def _flip(rng: random.Random, data: bytes) -> bytes:
    at = place(rng, len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _set(rng: random.Random, data: bytes) -> bytes:
    at = place(rng, len(data))
    return data[:at] + bytes([rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])]) + data[at + 1 :]


def _field(rng: random.Random, data: bytes) -> bytes:
    at, field = place(rng, len(data)), rng.choice(_FIELDS)
    return data[:at] + field + data[at + len(field) :]


def _cut_end(rng: random.Random, data: bytes) -> bytes:
    return data[: place(rng, len(data))]


def _cut_out(rng: random.Random, data: bytes) -> bytes:
    at = place(rng, len(data))
    return data[:at] + data[at + rng.choice([1, 2, 4, 100, 1000]) :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = place(rng, len(data) + 1)
    return data[:at] + rng.choice([b"\x00", b"\n", rng.randbytes(rng.randint(1, 300)), b"\x00" * 10000]) + data[at:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    at, size = place(rng, len(data)), rng.choice([1, 4, 30, 1000])
    return data[:at] + data[at : at + size] * rng.choice([2, 3, 100]) + data[at + size :]


def _noise(rng: random.Random, data: bytes) -> bytes:
    at, size = place(rng, len(data)), rng.choice([2, 8, 100, 1000])
    return data[:at] + rng.randbytes(len(data[at : at + size])) + data[at + size :]


def _swap(rng: random.Random, data: bytes) -> bytes:
    first, second = sorted((place(rng, len(data)), place(rng, len(data))))
    return data[second:] + data[first:second] + data[:first]


def _append(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice([b"\x00", b"\x1a", b"\n\n", data, b"TAG" + rng.randbytes(125), b"\x00" * 100_000])


_CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_flip, _set, _field, _field, _cut_end, _cut_out, _insert, _repeat, _noise, _swap, _append),
)
