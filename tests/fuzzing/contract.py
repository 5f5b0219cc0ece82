"""The one contract of every command, whatever it is given.

Exit code 0, 1 or 2; one sentence, no traceback; under 2 s and 1 GB beyond the program's own start; nothing
half-written.

A command runs in a child that is forked from this process, in which everything is imported already: a case costs
milliseconds. Two seconds are counted in processor time, because a busy machine is no fault of the program; what has not
ended after a while, whatever it does, hangs.
"""

import faulthandler
import logging
import os
import re
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jaxtyping
import torch

CPU_SECONDS = 2.0
BYTES = 10**9
HANGS_AFTER = 60
"""Seconds on the clock: of what waits for ever; what works for ever is ended by its processor time."""
_GUARD = 6 * 10**9
"""Address space beyond the start at which allocations fail: the machine must outlive what is being tried."""
_GUARD_CPU, _GUARD_FILE = 10, 500 * 10**6
_LINE = 2000
"""Characters: more than this is no sentence."""
_PLACE = re.compile(r'File "[^"]*?((?:transflower|site-packages)/[^"]*)", line \d+(?:, | )in (\w+)')
_EXCEPTION = re.compile(r"^([\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Violation)\w*)\b", re.MULTILINE)
_WARNING = re.compile(r"^(?:\S*/)?(\S+\.py):\d+: (\w+Warning)", re.MULTILINE)
_FOREIGN = re.compile(r"^\[\w+ @ 0x|^(?:free|malloc|munmap|double free|corrupted)\W", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REFUSAL = "transflower: error: "


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What breaks the contract."""

    kind: str
    """In few words; findings of the same kind are one."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one command did."""

    words: Sequence[str]
    code: int | None = None
    """None: a signal ended it."""
    signal: int = 0
    out: str = ""
    err: str = ""
    cpu_seconds: float = 0.0
    num_bytes: int = 0
    """Most memory beyond that of this process."""
    left_processes: bool = False


@dataclass
class Runner:
    """Runs commands in children of this process, which must be one thread with everything imported."""

    main: Callable[[Sequence[str]], int]
    hangs_after: int = HANGS_AFTER
    _start: int = field(init=False)

    def __post_init__(self) -> None:
        self._start = _peak(self._fork(lambda: 0)[1])

    def __call__(self, words: Sequence[str], folder: Path) -> Run:
        """Run a command in ``folder``."""
        return self._run(lambda: self.main(words), words, folder)

    def prepare(self, make: Callable[[Path], None], folder: Path) -> None:
        """Have ``make`` write into ``folder``; in a child as well, where calls are not checked.

        Raises:
            AssertionError: it failed.
        """
        done = self._run(lambda: make(folder) or 0, [], folder)
        assert done.code == 0, done.err

    def _run(self, work: Callable[[], int], words: Sequence[str], folder: Path) -> Run:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            status, usage, left = self._fork(lambda: self._child(work, folder, out.fileno(), err.fileno()))
            return Run(
                words=words,
                code=os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None,
                signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
                out=_read(out.fileno()),
                err=_read(err.fileno()),
                cpu_seconds=usage.ru_utime + usage.ru_stime,
                num_bytes=max(0, _peak(usage) - self._start),
                left_processes=left,
            )

    def _fork(self, child: Callable[[], int]) -> tuple[int, resource.struct_rusage, bool]:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                os._exit(child())
            finally:
                os._exit(99)
        _, status, usage = os.wait4(pid, 0)
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return status, usage, False
        return status, usage, True

    def _child(self, work: Callable[[], int], folder: Path, out: int, err: int) -> int:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        logging.getLogger("transflower").handlers.clear()
        jaxtyping.config.update("jaxtyping_disable", True)  # Tests turn it on; a user's program is without.
        torch.set_num_threads(1)
        warnings.resetwarnings()
        # As for a user: what is meant for programmers alone is not shown.
        for hidden in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", hidden)
        _guard(self.hangs_after)
        try:
            code = work()
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        return code


def _guard(seconds: int) -> None:
    """Limits that end what would take the machine with it, and the place in the code where it was then."""
    faulthandler.enable(all_threads=False)
    for one in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(one, signal.SIG_DFL)
        faulthandler.register(one, all_threads=False, chain=True)
    signal.alarm(seconds)
    with open("/proc/self/statm") as file:  # noqa: PTH123
        size = int(file.read().split()[0]) * resource.getpagesize()
    for limit, most in (
        (resource.RLIMIT_AS, size + _GUARD),
        (resource.RLIMIT_CPU, _GUARD_CPU),
        (resource.RLIMIT_FSIZE, _GUARD_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def _peak(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss * 1024


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 10**6).decode("utf-8", errors="backslashreplace")


def faults_of(run: Run, *, cpu_seconds: float = CPU_SECONDS, num_bytes: int = BYTES) -> list[Fault]:
    """What is wrong with how the command ended and with what it said."""
    faults = []
    if run.signal:
        name = signal.Signals(run.signal).name
        faults.append(Fault(kind=f"{_SIGNALS.get(name, f'died by {name}')} {_where(run.err)}".strip()))
    elif run.code not in (0, 1, 2):
        faults.append(Fault(kind=f"exit code {run.code}"))
    if "Traceback (most recent call last)" in run.err + run.out:
        faults.append(Fault(kind=f"traceback: {_exception(run.err + run.out)} {_where(run.err + run.out)}"))
    elif run.code == 2:
        faults += _sentence(run)
    faults += [Fault(kind=f"warning: {found[2]} in {found[1]}") for found in _WARNING.finditer(run.err)][:1]
    if _FOREIGN.search(run.err):
        faults.append(Fault(kind="a library prints"))
    if run.cpu_seconds > cpu_seconds and not run.signal:
        faults.append(Fault(kind="slow", detail=f"{run.cpu_seconds:.1f} s"))
    if run.num_bytes > num_bytes:
        faults.append(Fault(kind="memory", detail=f"{run.num_bytes / 1e9:.1f} GB"))
    if run.left_processes:
        faults.append(Fault(kind="left a process behind"))
    return faults


_SIGNALS = {"SIGALRM": "hangs", "SIGXCPU": "hangs", "SIGXFSZ": "writes without end"}


def _sentence(run: Run) -> list[Fault]:
    """A refusal is one sentence, or one for each problem below it; or the report of a check."""
    said = run.err.count(_REFUSAL)
    if said == 0 and run.out.strip():
        text = run.out
    elif said != 1:
        return [Fault(kind=f"exit code 2 with {said} sentences")]
    else:
        text = run.err[run.err.index(_REFUSAL) + len(_REFUSAL) :]
    faults = []
    if not text.strip():
        faults.append(Fault(kind="an empty sentence"))
    if _CONTROL.search(text):
        faults.append(Fault(kind="control characters in the sentence"))
    longest = max(map(len, text.splitlines()), default=0)
    if longest > _LINE:
        faults.append(Fault(kind="a sentence without end", detail=f"{longest} characters"))
    return faults


def _exception(text: str) -> str:
    found = _EXCEPTION.findall(text[text.rindex("Traceback (most recent call last)") :])
    return found[-1] if found else "an exception"


def _where(text: str) -> str:
    """The innermost place in our own code, of the traceback or of the dump of a dying process."""
    found = [(path, name) for path, name in _PLACE.findall(text) if path.startswith("transflower/")]
    if not found:
        return ""
    innermost = found[0] if "most recent call first" in text else found[-1]
    return f"at {innermost[0].removeprefix('transflower/')}:{innermost[1]}"
