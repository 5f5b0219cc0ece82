"""The same work on many files, in parallel; a problem with one file does not stop the others."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from transflower.core.errors import FormatError, TransflowerError, WriteError
from transflower.core.progress import progress
from transflower.core.workers import WorkerError, map_parallel
from transflower.features.extraction.sources import Source

Result = TypeVar("Result")

_LOGGERS = [logging.getLogger(f"transflower.{room}") for room in ("motion", "formats", "audio")]


@dataclass(frozen=True, kw_only=True)
class Outcome(Generic[Result]):
    """The outcome of one recording."""

    source: Source
    """The recording."""
    result: Result | None
    """What the work gave; None where there is a problem."""
    problem: str | None
    """Why the file cannot be used, naming it."""
    remarks: tuple[str, ...]
    """What readers warned of."""


def attempt(function: Callable[[Source], Result], source: Source) -> Outcome[Result]:
    """``function`` of a recording; errors that a user can fix become its problem, other exceptions are raised."""
    result, problem = None, None
    with collected_remarks() as remarks:
        try:
            result = function(source)
        except FormatError as error:
            problem = str(error)
        except WriteError:
            raise  # A full disk is not one recording's problem.
        except (TransflowerError, OSError) as error:
            problem = f"{source.path}: {error}"
    return Outcome(source=source, result=result, problem=problem, remarks=tuple(remarks))


def attempt_all(
    function: Callable[[Source], Result], sources: Sequence[Source], *, jobs: int, label: str
) -> list[Outcome[Result]]:
    """``attempt`` each recording, by ``jobs`` processes of one thread (-1: one for each core); outcomes in order.

    ``function`` must be picklable.
    """
    return list(attempt_each(function, sources, jobs=jobs, label=label))


def attempt_each(
    function: Callable[[Source], Result], sources: Sequence[Source], *, jobs: int, label: str
) -> Iterator[Outcome[Result]]:
    """The same, one by one as they come."""
    work: Callable[[Source], Outcome[Result]] = partial(attempt, function)
    outcomes: Iterator[Outcome[Result]] = map_parallel(work, sources, jobs=jobs, instead=_lost)
    yield from progress(outcomes, label=label, total=len(sources), unit="file")


def _lost(source: Source, error: WorkerError) -> Outcome[Result]:
    """Of a recording whose process died."""
    return Outcome(source=source, result=None, problem=f"{source.path}: {error}", remarks=())


@contextmanager
def collected_remarks() -> Iterator[list[str]]:
    """Warnings of our readers go into the list only, because the log of another process is not shown."""
    remarks: list[str] = []
    handler = _Collector(remarks)
    for logger in _LOGGERS:
        logger.addHandler(handler)
    try:
        with _kept_from_the_log:
            yield remarks
    finally:
        for logger in _LOGGERS:
            logger.removeHandler(handler)


class _Collector(logging.Handler):
    """Takes what its thread warns of."""

    def __init__(self, remarks: list[str]) -> None:
        super().__init__(level=logging.WARNING)
        self._remarks = remarks
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._remarks.append(record.getMessage())


class _KeptFromTheLog:
    """While at least one thread is inside, the loggers of readers tell no other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._before = [logger.propagate for logger in _LOGGERS]
                for logger in _LOGGERS:
                    logger.propagate = False

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                for logger, before in zip(_LOGGERS, self._before, strict=True):
                    logger.propagate = before


_kept_from_the_log = _KeptFromTheLog()
