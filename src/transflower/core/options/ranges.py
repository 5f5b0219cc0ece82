"""Numbers that mean something only in a range: annotations for option fields, checked where options are decoded.

Without any, a number of an option is finite, and a whole one has at most 64 bits.
"""

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Le, Lt

from transflower.core.numbers import MOST_FPS

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core.core_schema import CoreSchema

_MOST_JOBS = 1024

Positive = Annotated[float, Gt(0)]
"""A number above 0."""
NonNegative = Annotated[float, Ge(0)]
"""A number of at least 0."""
Share = Annotated[float, Ge(0), Lt(1)]
"""A part of a whole, which is less than all of it."""
Part = Annotated[float, Gt(0), Le(1)]
"""A part of a whole, which is more than none of it."""
Temperature = Annotated[float, Ge(0), Le(100)]
"""Width of the noise that samples are drawn from; far above 1 there is nothing but noise."""
Natural = Annotated[int, Ge(0)]
"""How many there are, perhaps none."""
Count = Annotated[int, Ge(1)]
"""How many there are, at least one."""
Samples = Annotated[int, Ge(1), Le(100_000)]
"""How many are drawn of one thing; each takes time, and memory or a file."""
Depth = Annotated[int, Le(1000)]
"""How many parts are built one behind the other: thousands take hours to build, whatever their size."""
Workers = Annotated[int, Ge(0), Le(1024)]
"""How many processes, devices or machines work at the same time, perhaps none."""


class _NumberOfJobs:
    """What pydantic checks, which so is loaded where options are decoded, and not for ``--help``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core.core_schema import no_info_after_validator_function

        return no_info_after_validator_function(_check_jobs, handler(source))


def _check_jobs(number: int) -> int:
    if number == 0 or not -1 <= number <= _MOST_JOBS:
        raise ValueError(f"should be a number of processes from 1 to {_MOST_JOBS}, or -1 for one a core")
    return number


Jobs = Annotated[int, _NumberOfJobs()]
"""How many processes work at the same time; -1: one for each CPU core."""
FrameRate = Annotated[float, Gt(0), Le(MOST_FPS)]
"""Frames per second."""
