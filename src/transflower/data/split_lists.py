"""Lists of sequences, one for each split: what is wrong with them."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.files import check_name
from transflower.core.listing import name_some
from transflower.core.numbers import shorten
from transflower.data.store import Store

_MOST_TOLD = 20
_MOST_COMPARED = 5_000
"""Ids of which the nearest is looked for; more would take a second for each."""


def read_list(store: Store, split: str, problems: list[TransflowerError], warnings: list[str]) -> list[str]:
    """Usable ids of a split, without duplicates; ``problems`` and ``warnings`` get what is wrong with others."""
    try:
        lines = store.lines(split)
    except TransflowerError as error:
        problems.append(error)
        return []
    good: dict[str, int] = {}
    for number, one in lines:
        try:
            check_name(one)
        except DataError as error:
            problems.append(FormatError(store.list_path(split), str(error), line=number))
            continue
        if one in good:
            path = store.list_path(split)
            warnings.append(f"{path}, line {number}: {one} is listed twice, first in line {good[one]}")
        good.setdefault(one, number)
    return list(good)


def known_ids(
    store: Store, split: str, ids: Sequence[str], features: Sequence[str], problems: list[TransflowerError]
) -> list[str]:
    """The ids that are those of sequences; ``problems`` gets the others, unless all are others."""
    arrays = store.arrays()
    absent = {one for one in ids if not any(f"{one}.{feature}" in arrays for feature in features)}
    if not absent or len(absent) == len(ids):
        return list(ids)
    there = {one for having in store.contents().values() for one in having}
    absent -= there
    lines = [(number, one) for number, one in store.lines(split) if one in absent]
    for number, one in lines[:_MOST_TOLD]:
        near = get_close_matches(one, there, n=1) if len(there) <= _MOST_COMPARED else []
        told = f"no sequence is called {shorten(one)!r}" + (f"; did you mean {near[0]!r}?" if near else "")
        problems.append(FormatError(store.list_path(split), told, line=number))
    if len(lines) > _MOST_TOLD:
        told = f"names {len(lines) - _MOST_TOLD} more that no sequence has"
        problems.append(FormatError(store.list_path(split), told))
    return [one for one in ids if one not in absent]


def find_leaks(listed: Mapping[str, Sequence[str]]) -> list[str]:
    """A warning for each two splits that share sequences."""
    warnings: list[str] = []
    home: dict[str, str] = {}
    for split, ids in listed.items():
        shared: dict[str, list[str]] = {}
        for one in ids:
            first = home.setdefault(one, split)
            if first != split:
                shared.setdefault(first, []).append(one)
        for first, both in shared.items():
            warnings.append(
                f"{len(both)} sequences are in both {first} and {split}, so that one leaks into the other: "
                f"{name_some(both)}"
            )
    return warnings
