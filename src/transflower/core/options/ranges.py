"""Numbers that mean something only in a range: annotations for option fields, checked where options are decoded.

Without any, a number of an option is finite, and a whole one has at most 64 bits.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from transflower.core.numbers import MOST_FPS

_MOST_JOBS = 1024

Positive = Annotated[float, Field(gt=0)]
"""A number above 0."""
NonNegative = Annotated[float, Field(ge=0)]
"""A number of at least 0."""
Share = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole, which is less than all of it."""
Part = Annotated[float, Field(gt=0, le=1)]
"""A part of a whole, which is more than none of it."""
Temperature = Annotated[float, Field(ge=0, le=100)]
"""Width of the noise that samples are drawn from; far above 1 there is nothing but noise."""
Natural = Annotated[int, Field(ge=0)]
"""How many there are, perhaps none."""
Count = Annotated[int, Field(ge=1)]
"""How many there are, at least one."""
Depth = Annotated[int, Field(le=1000)]
"""How many parts are built one behind the other: thousands take hours to build, whatever their size."""
Workers = Annotated[int, Field(ge=0, le=1024)]
"""How many processes, devices or machines work at the same time, perhaps none."""


def _check_jobs(number: int) -> int:
    if number == 0 or not -1 <= number <= _MOST_JOBS:
        raise ValueError(f"should be a number of processes from 1 to {_MOST_JOBS}, or -1 for one a core")
    return number


Jobs = Annotated[int, AfterValidator(_check_jobs)]
"""How many processes work at the same time; -1: one for each CPU core."""
FrameRate = Annotated[float, Field(gt=0, le=MOST_FPS)]
"""Frames per second."""
