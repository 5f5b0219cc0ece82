"""Messages over a pipe: eight bytes that say how long it is, and the message."""

from typing import IO


def send(file: IO[bytes], message: bytes) -> None:
    """Write a message."""
    file.write(len(message).to_bytes(8, "little"))
    file.write(message)
    file.flush()


def receive(file: IO[bytes]) -> bytes:
    """Wait for a message.

    Raises:
        EOFError: the other end is gone.
    """
    return _exactly(file, int.from_bytes(_exactly(file, 8), "little"))


def _exactly(file: IO[bytes], count: int) -> bytes:
    pieces, missing = [], count
    while missing:
        piece = file.read(missing)
        if not piece:
            raise EOFError
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
