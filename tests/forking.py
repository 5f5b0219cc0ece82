"""What happens in a process of its own that is forked from this one, and so need not import anything for seconds."""

import multiprocessing
from collections.abc import Callable
from typing import Any


def run_forked(function: Callable[[Any], object], *arguments: Any, timeout: float = 100) -> list[int | None]:
    """Call ``function`` with each argument, in as many processes at once.

    Returns:
        How each ended: 0, 1 after an exception, which is printed, or minus the signal that killed it.
    """
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=function, args=(argument,)) for argument in arguments]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join(timeout)
    finally:
        for process in processes:
            process.kill()
            process.join()
    return [process.exitcode for process in processes]
