"""How much memory there is, whether something can fit into it, and when Python looks for what it may forget."""

import errno
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from transflower.core.errors import OptionsError

_LIMITS_OF_GROUPS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)
"""Files that limit the memory of a container: Linux, control groups 2 and 1."""


def machine_memory() -> int:
    """Bytes of the machine, or of the container that this process runs in."""
    import psutil  # imported late, so that --help is quick

    limits = [psutil.virtual_memory().total]
    for path in _LIMITS_OF_GROUPS:
        # The file is missing outside Linux, and says "max" where there is no limit.
        with suppress(OSError, ValueError):
            limits.append(int(Path(path).read_text()))
    return min(limits)


def check_memory(num_bytes: int | float, *, what: str, advice: str) -> None:
    """Refuse what cannot fit, before any of it is allocated.

    Args:
        num_bytes: an estimate from below of what is needed.
        what: what needs it, as the subject of a sentence.
        advice: what to do, as a command.

    Raises:
        OptionsError: it is more than there is.
    """
    there = machine_memory()
    if num_bytes > there:
        raise OptionsError(f"{what} would need {_shown(num_bytes)} of memory, there are {_shown(there)}; {advice}")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there is no memory left: Python's, the system's, or torch's of any device."""
    text = str(error).lower()
    is_torch = isinstance(error, RuntimeError) and ("out of memory" in text or "allocate memory" in text)
    is_system = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or is_torch or is_system


@contextmanager
def without_collection() -> Iterator[None]:
    """Meanwhile, Python looks for no cycles: among many new objects that takes longer than to make them."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def _shown(num_bytes: int | float) -> str:
    return f"{num_bytes / 2**30:.3g} GiB" if num_bytes < 1e18 else "more than a billion GiB"
