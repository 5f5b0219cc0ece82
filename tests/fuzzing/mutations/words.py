"""Command lines with options that nobody means."""

import contextlib
import io
import random
import re
from collections.abc import Collection, Sequence
from functools import cache

from tests.fuzzing.mutations import values
from transflower.cli import main

_OPTION = re.compile(r"^\W{0,3}(--[\w.]+)", re.MULTILINE)
_PLACES = ("missing", ".", "nested/missing", "x" * 300, "\udcff", "-", "/proc/none/x")
"""Where nothing is; a place outside the case's folder must be none that could be written to."""
_SIZES = ("4294967296", "1000000000000", "2", "7", "64")


@cache
def options_of(verb: tuple[str, ...]) -> tuple[str, ...]:
    """All flags that its help names."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main([*verb, "--help"])
    return tuple(sorted(set(_OPTION.findall(out.getvalue())) - {"--help"}))


def mutate_words(
    rng: random.Random, words: Sequence[str], options: Sequence[str], *, files: Sequence[str], spared: Collection[str]
) -> list[str]:
    """``words`` with one to three more, taken away or changed; ``files`` of the case may be named by any option."""
    words = list(words)
    names = [name for name in options if name not in spared and name not in words]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        kind = rng.random()
        if kind < 0.8:
            words += _option(rng, rng.choice(names), files)
        elif kind < 0.9:
            words += [f"--{rng.choice(names)[2:-1]}", _value(rng, files)]
        else:
            at = rng.randrange(1, len(words))
            # The last word of an option that bounds the work stays.
            if words[at - 1] not in spared and words[at] not in spared:
                words[at : at + 1] = rng.choice([[], [_value(rng, files)], [words[at]] * 2])
    return [word for word in words if "\x00" not in word]


def _option(rng: random.Random, name: str, files: Sequence[str]) -> list[str]:
    kind = rng.random()
    if kind < 0.1:
        return [name]
    if kind < 0.2:
        return [name, _value(rng, files), _value(rng, files)]
    if kind < 0.3:
        return [f"{name}.{rng.choice(['x', '0', 'type', ''])}", _value(rng, files)]
    return [name, _value(rng, files)] if rng.random() < 0.7 else [f"{name}={_value(rng, files)}"]


def _value(rng: random.Random, files: Sequence[str]) -> str:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice([*values.NUMBERS, *_SIZES])
    if kind < 0.75:
        # Nothing that lies above the folder of the case.
        return rng.choice([word for word in values.WORDS if not word.startswith("..")])
    return rng.choice([*files, *_PLACES])
