"""The command ``transflower``: finds the verb, and turns errors that users can fix into one line and exit code 2.

A verb is one file, named after its words, with ``run(argv, *, prog) -> int``, and one line in ``VERBS``. Only the file
of the verb that was asked for is imported.
"""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from transflower.cli.printable import PrintableFormatter, printable
from transflower.cli.process import Ended, ended_by_signals, flushed, open_streams, tell
from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.memory import is_out_of_memory

_LOOP = "Symlink loop from "
"""What pathlib says of a link that leads to itself."""
VERBS = {
    "demo": "generate, train and evaluate in five minutes, on synthetic songs and dances",
    "extract motion": "motion features of recordings",
    "extract audio": "audio features of sound files",
    "extract moves": "find kinds of moves in motion features, for models that draw the move before the pose",
    "extract contacts": "find which feet stand, for models that draw it before the pose",
    "extract labels": "styles, dancers, energies or texts of recordings, from a table",
    "data import": "recordings of a data set, or your own, as features: table, motion, sound, splits",
    "motion check": "find what is wrong with recordings: jumps, flips, the floor, the frame rate and more",
    "motion clean": "write recordings without such faults",
    "data check": "check a folder of features and list all problems",
    "data stats": "hours, lengths, sound, sync, contacts, outliers and styles of a folder, also as a page",
    "data split": "divide a folder into training, validation and test, song by song",
    "train": "train a model on a folder of features, or continue a run",
    "generate": "dance to a song: BVH, GLB, video with the music, features",
    "evaluate": "measure models beside the data: likelihood, distributions, body, beat; a report with intervals",
    "score": "how likely a given dance is to its music, frame by frame; find broken motion capture, or the offset",
    "compare": "two motions: distances over time, who keeps the beat, who slides; a page with both",
    "convert": "motion from one kind of file to another",
    "view": "show dances in 3-D with their song: a page for the browser",
    "import-checkpoint": "make a model of a checkpoint that was published with Transflower in 2021",
}
"""The commands, and what they do."""

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    open_streams()
    verbose = "--verbose" in words
    _configure_logging(verbose=verbose)
    # Threads that wait in a loop for one whose core another program uses slow everything down ten times and more.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Its plugins would be looked for in all installed packages, which takes a tenth of a second.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with ended_by_signals():
        return flushed(_guarded([word for word in words if word != "--verbose"]))


def _guarded(words: list[str]) -> int:
    """The exit code of a command, whatever ends it."""
    try:
        return _run(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except TransflowerError as error:
        return _refuse(str(error))
    except KeyboardInterrupt as stop:
        tell("transflower: stopped")
        return 128 + (stop.number if isinstance(stop, Ended) else signal.SIGINT)
    except (OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, OSError) and error.filename is not None:
            return _refuse(f"{error.filename}: {error.strerror}")
        if isinstance(error, RuntimeError) and str(error).startswith(_LOOP):
            return _refuse(f"{str(error).removeprefix(_LOOP)} is a link that leads to itself")
        if not is_out_of_memory(error):
            raise
        told = f" ({text.splitlines()[0][:200]})" if (text := str(error).strip()) else ""
        less = "do less at a time: smaller batches, fewer samples, shorter parts"
        return _refuse(f"no memory is left for this{told}; {less}")


def _run(words: list[str]) -> int:
    for count in (2, 1):
        verb, rest = " ".join(words[:count]), words[count:]
        if verb in VERBS and len(words) >= count:
            file = verb.replace(" ", "_").replace("-", "_")
            return int(import_module(f"transflower.cli.{file}").run(rest, prog=f"transflower {verb}"))
    if words[:1] == ["--version"]:
        from importlib.metadata import version

        print(f"transflower {version('transflower')}")
        return 0
    group = words[0] if words and any(verb.startswith(f"{words[0]} ") for verb in VERBS) else ""
    asked = words[1:] if group else words
    if asked and asked[0] in {"-h", "--help"}:
        print(_help(group))
        return 0
    if not asked:
        print(_help(group), file=sys.stderr)
        return 2
    raise OptionsError(_unknown(f"{group} {asked[0]}".strip()))


def _help(group: str) -> str:
    verbs = {verb: summary for verb, summary in VERBS.items() if verb.startswith(group)}
    width = max(map(len, verbs))
    lines = [f"usage: {' '.join(['transflower', *filter(None, [group])])} COMMAND [OPTIONS]", ""]
    if not group:
        lines += ["Probabilistic generation of multimodal sequences: above all, dance from music.", ""]
    lines += [f"  {verb:{width}}  {summary}" for verb, summary in verbs.items()]
    lines += ["", "`transflower COMMAND --help` explains a command. --verbose, anywhere, tells more; --version."]
    return "\n".join(lines)


def _unknown(asked: str) -> str:
    groups = {verb.split()[0] for verb in VERBS}
    near = get_close_matches(asked, [*VERBS, *groups], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(VERBS)}"
    return f"unknown command {asked!r} ({hint})"


def _refuse(message: str) -> int:
    log.debug("where it came from:", exc_info=True)
    tell(f"transflower: error: {printable(message)}")
    return 2


def _configure_logging(*, verbose: bool) -> None:
    logger = logging.getLogger("transflower")
    for handler in [known for known in logger.handlers if known.name == "cli"]:
        logger.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.name = "cli"
    handler.setFormatter(PrintableFormatter("%(name)s: %(message)s" if verbose else "%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
