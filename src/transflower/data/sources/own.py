"""One's own recordings: by a table, by a pattern of names, or motion and sound of the same name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError, OptionsError
from transflower.core.listing import first_few, listing
from transflower.core.numbers import parse_float, shorten
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow, read_recordings
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import Songs, distinct, left_out, motion_files, stem, try_id, without_song

_WORDS = ("style", "dancer", "song", "text", "split")
_NUMBERS = ("tempo", "offset", "fps")
_FIELD = re.compile(r"\{(\w*)\}")
_MOST_PARTS = 25


def find_own(config: ImportConfig) -> Found:
    """The recordings that the table names, or those below the folder.

    Raises:
        DataError: there are none; or listing what is wrong with the table or with names.
        OptionsError: the pattern is none.
    """
    if config.table is not None:
        return Found(rows=distinct(read_recordings(config.table)))
    pattern = None if config.pattern is None else read_pattern(config.pattern)
    songs = Songs(config)
    rows, others, problems = [], [], list[str]()
    for path in motion_files(config):
        one = try_id(path, config.folder, problems)
        words = {} if pattern is None else pattern.words(path, config.folder)
        if one is None or words is None:
            others.append(path.name)
        else:
            rows.append(_row(one, path, words, songs, problems))
    if problems:
        raise DataError(listing("the names cannot be followed", first_few(problems, 20)))
    if len(others) > len(rows):
        raise DataError(
            f"--pattern {config.pattern!r} fits {len(rows)} of {len(rows) + len(others)} names, not {others[0]!r}"
        )
    found = distinct(rows)
    notes = left_out("files whose names do not fit the pattern", others)
    return Found(rows=found, notes=(*notes, *songs.notes(), *without_song(found, lambda row: row.id)))


@dataclass(frozen=True)
class NamePattern:
    """What names of files say, and how many folders before the name count."""

    expression: re.Pattern[str]
    depth: int

    def words(self, path: Path, folder: Path) -> dict[str, str] | None:
        """Field -> what the path says below ``folder``; None where it does not fit."""
        parts = path.relative_to(folder).parts
        name = "/".join((*parts[:-1][len(parts) - 1 - self.depth :], stem(path)))
        match = self.expression.fullmatch(name)
        return match.groupdict() if match else None


def read_pattern(pattern: str) -> NamePattern:
    """Read ``{style}_{dancer}_{song}`` and the like; ``{}`` stands for anything.

    Raises:
        OptionsError: a field is unknown or there twice, or there is none, or too many.

    Example:
        >>> read_pattern("{style}/{dancer}_{song}").words(Path("all/salsa/ann_club_mix.bvh"), Path("all"))
        {'style': 'salsa', 'dancer': 'ann', 'song': 'club_mix'}
    """
    parts = _FIELD.split(pattern)
    fields = [name for name in parts[1::2] if name]
    known = (*_WORDS, *_NUMBERS)
    if unknown := [name for name in fields if name not in known]:
        told = f"there are {', '.join(known)}, and {{}} for the rest"
        raise OptionsError(f"--pattern: there is no field {shorten(unknown[0])!r}; {told}")
    if not fields or len(parts) > _MOST_PARTS:
        raise OptionsError(f"--pattern {shorten(pattern)!r} has no field, such as {{style}}, or too many")
    if twice := [name for name in fields if fields.count(name) > 1]:
        raise OptionsError(f"--pattern has {{{twice[0]}}} twice")
    # Every field but the last takes as little as it can, so that the separators after it count.
    groups = [f"(?P<{name}>[^/]+?)" if name else "[^/]*?" for name in parts[1::2]]
    literals = [re.escape(part) for part in parts[::2]]
    text = literals[0] + "".join(group + after for group, after in zip(groups, literals[1:], strict=True))
    return NamePattern(re.compile(text), "".join(parts[::2]).count("/"))


def _row(one: str, path: Path, words: Mapping[str, str], songs: Songs, problems: list[str]) -> RecordingRow:
    numbers: dict[str, float | None] = {}
    for name in _NUMBERS:
        try:
            numbers[name] = parse_float(words[name]) if name in words else None
        except ValueError as error:
            problems.append(f"{path}: {name} {error}")
    return RecordingRow(
        id=one,
        motion=path,
        song=songs.find(words.get("song", stem(path)), path),
        offset=numbers.get("offset"),
        tempo=numbers.get("tempo"),
        fps=numbers.get("fps"),
        style=words.get("style", ""),
        dancer=words.get("dancer", ""),
        text=words.get("text", ""),
        split=words.get("split", ""),
    )


OWN = Corpus(
    title="your own recordings",
    find=find_own,
    terms="what may be done with them is for you to know: whose dances and whose songs they are",
)
