"""Files in folders of recordings that are not recordings, so that none is left out without a note."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

_MOST_KINDS, _MOST_NAMES = 6, 3


def ignored_files(
    paths: Sequence[Path | str],
    suffixes: Sequence[str],
    *,
    out: Path,
    holds: Callable[[Path], bool] | None = None,
) -> tuple[str, ...]:
    """A note on the files in folders that are not recordings, apart from hidden ones and those below ``out``.

    ``holds`` says whether a file of such a name is one; None: all are.
    """
    others: dict[str, list[str]] = {}
    for folder in filter(os.path.isdir, paths):
        for parent, _, names in os.walk(folder):
            if not (out == Path(parent) or out in Path(parent).parents):
                for name in names:
                    suffix = Path(name).suffix.lower()
                    is_one = suffix in suffixes and (holds is None or holds(Path(parent, name)))
                    if not (is_one or name.startswith(".")):
                        others.setdefault(suffix or "without suffix", []).append(name)
    if not others:
        return ()
    count = sum(map(len, others.values()))
    kinds = sorted(others, key=lambda suffix: (-len(others[suffix]), suffix))
    told = [f"{len(others[kind])} {kind} ({_some(sorted(others[kind]), _MOST_NAMES)})" for kind in kinds]
    return (f"ignored {count} file{'s' * (count > 1)} of other kinds: {_some(told, _MOST_KINDS)}",)


def _some(names: Sequence[str], most: int) -> str:
    return ", ".join([*names[:most], *(["..."] if len(names) > most else [])])
