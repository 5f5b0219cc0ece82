"""Rates of modalities: how many frames of one there are for each position.

A position is a frame of the first output. Another modality has k frames for each position, or one for every k
positions: the frame of position p is floor(p * rate).
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from transflower.core.errors import OptionsError

SAME_RATE = Fraction(1)
"""One frame for each position."""

_TOLERANCE = 1e-6
_MOST_SOURCE_FPS, _DAY = 10_000, 86_400


def frame_of(position: int, rate: Fraction) -> int:
    """The frame of a position."""
    return position * rate.numerator // rate.denominator


def count_frames(positions: int, rate: Fraction) -> int:
    """Frames of so many positions; the last one may begin in them and end later."""
    return -(-positions * rate.numerator // rate.denominator)


def count_positions(frames: int, rate: Fraction) -> int:
    """Positions whose frames are all among the first ``frames``."""
    return frames * rate.denominator // rate.numerator


def relative_rate(fps: float, clock_fps: float) -> Fraction | None:
    """Frames of a modality for each of another; None if neither number is a multiple of the other."""
    ratio = max(fps, clock_fps) / min(fps, clock_fps)
    whole = round(ratio)
    if not math.isclose(ratio, whole, rel_tol=_TOLERANCE):
        return None
    return Fraction(whole) if fps >= clock_fps else Fraction(1, whole)


def relative_rates(fps: Mapping[str, float | None], outputs: Sequence[str]) -> dict[str, Fraction]:
    """Frames of every modality for each position; one where no frame rate is known.

    Args:
        fps: frames per second of each modality that has time.
        outputs: the modalities that are predicted; positions are the frames of the first.

    Raises:
        OptionsError: two rates differ, and neither is a multiple of the other; or they are of two outputs, or another
            rate is not known.
    """
    known = {name: number for name, number in fps.items() if number is not None}
    unknown = [name for name in fps if name not in known]
    if len(set(known.values())) < 2:
        return dict.fromkeys(fps, SAME_RATE)
    if unknown:
        told = ", ".join(f"{name} {number:g}" for name, number in known.items())
        raise OptionsError(
            f"frames per second differ ({told}), and those of {unknown[0]} are not known: say them by "
            f"data.fps.{unknown[0]}"
        )
    clock = outputs[0]
    rates = {name: _checked(name, number, clock, known[clock]) for name, number in known.items()}
    for name in outputs:
        if rates[name] != SAME_RATE:
            raise OptionsError(
                f"outputs {clock} and {name} have {known[clock]:g} and {known[name]:g} frames per second, and must "
                "have as many; give each a model of its own"
            )
    return rates


def _checked(name: str, fps: float, clock: str, clock_fps: float) -> Fraction:
    rate = relative_rate(fps, clock_fps)
    if rate is None:
        raise OptionsError(
            f"{name} has {fps:g} frames per second and {clock} {clock_fps:g}, neither a multiple of the other; "
            "extract one of them again, at another rate"
        )
    return rate


def check_source_fps(fps: float | None) -> None:
    """Refuse a frame rate that no recording has.

    Raises:
        OptionsError: saying which there are.
    """
    if fps is not None and not 1 / _DAY <= fps <= _MOST_SOURCE_FPS:
        raise OptionsError(f"source_fps must be at least one frame a day and at most {_MOST_SOURCE_FPS}, got {fps}")
