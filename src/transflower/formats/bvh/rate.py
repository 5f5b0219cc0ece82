"""Frames per second of a frame time, which files write with few digits, or in another unit than seconds."""

from decimal import Decimal

from transflower.core.numbers import parse_float, shorten

_WHOLE = tuple(map(float, (10, 15, 20, 24, 25, 30, 48, 50, 60, 72, 75, 90, 100, 120, 144, 150, 180, 200, 240)))
_NTSC = (24000 / 1001, 30000 / 1001, 60000 / 1001)
"""Frames per second that are usual; the whole ones come first where rounding explains both."""

_TELLING_DIGITS = 3
_SAME_RATE = 2.5e-3
"""Any whole rate is meant by a time of this many digits that is this near to it."""
_EXACT = 1e-9
_ROUNDED = 2e-4
"""A difference that is worth a word: 0.7 s in an hour."""
_FINEST = -17
_LOWEST_FPS = 10.0
_SHORTEST_SECONDS, _DAY = 1e-6, 86400


def frame_rate(frame_time: str) -> float:
    """Frames per second of a frame time as it is written.

    A time that is a usual rate's, or with three digits any whole rate's, rounded or cut to the digits written, means
    that rate: ``0.0333333`` is 30 fps, not 30.00003, which would lose a frame and drift against the music, and
    ``0.008`` is 120.

    Raises:
        ValueError: it is no number of seconds.
    """
    try:
        seconds = parse_float(frame_time)
    except ValueError as error:
        raise ValueError(f"the frame time is {shorten(frame_time)!r}, not a number of seconds") from error
    if 0 < seconds < _SHORTEST_SECONDS:
        raise ValueError(f"the frame time is {shorten(frame_time)!r} seconds, less than a millionth")
    if seconds <= 0:
        raise ValueError(f"the frame time is {shorten(frame_time)!r}, not seconds above 0")
    return _usual_rate(seconds, _quantum(frame_time)) or 1 / seconds


def rate_question(frame_time: str, fps: float) -> str | None:
    """What to ask where a frame time means a rate too low to be believed; ``{option}`` is that of the true rate."""
    if fps >= _LOWEST_FPS:
        return None
    seconds = parse_float(frame_time)
    said = f"the frame time is {shorten(frame_time)!r} seconds"
    if seconds >= _DAY:
        return f"{said}, a day and more; give the frames per second by {{option}}"
    said += f", {1 / seconds:.2g} frames a second"
    in_milliseconds = _usual_rate(seconds / 1000, _quantum(frame_time) / 1000)
    if in_milliseconds and seconds > 1:
        return f"{said}; if these are milliseconds, add {{option}} {in_milliseconds:.5g}"
    return f"{said}; if that is right, add {{option}} {1 / seconds:.5g}, otherwise the true rate"


def is_rounded(frame_time: str, fps: float) -> bool:
    """Whether ``fps`` is not what ``frame_time`` says literally, by more than a few digits."""
    return bool(frame_time) and abs(parse_float(frame_time) * fps - 1) > _ROUNDED


def _usual_rate(seconds: float, quantum: float) -> float | None:
    """The rate whose time was rounded, or else cut, to ``seconds`` in units of ``quantum``."""
    for rate in _WHOLE:
        if abs(seconds * rate - 1) < _EXACT:
            return rate
    for least in (-0.5, -1.0):
        for rates in (_WHOLE, _NTSC):
            meant = [rate for rate in rates if _is_written(seconds, rate, quantum, least)]
            if meant:
                return min(meant, key=lambda rate: abs(seconds - 1 / rate))
    rate = float(round(1 / seconds))
    has_digits = seconds / quantum >= 10 ** (_TELLING_DIGITS - 1)
    is_near = abs(seconds * rate - 1) < _SAME_RATE
    return rate if rate and has_digits and is_near and _is_written(seconds, rate, quantum, -1.0) else None


def _is_written(seconds: float, rate: float, quantum: float, least: float) -> bool:
    return least - 1e-6 < (seconds - 1 / rate) / quantum < 0.5 + 1e-6


def _quantum(number: str) -> float:
    """What the last digit of a number counts."""
    exponent = Decimal(number).as_tuple().exponent
    return float(10.0 ** max(int(exponent), _FINEST))
