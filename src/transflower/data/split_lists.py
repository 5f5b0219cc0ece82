"""Lists of sequences, one for each split: what is wrong with them."""

from collections.abc import Mapping, Sequence

from transflower.core.errors import DataError, FormatError, TransflowerError
from transflower.core.files import check_name
from transflower.core.listing import name_some
from transflower.data.store import Store


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
