"""Dividing recordings into training, validation and test, so that no song is in two of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.core.files import is_there, write_text
from transflower.core.listing import name_some
from transflower.core.seeds import generator
from transflower.core.table import read_table
from transflower.data.recordings import TABLE
from transflower.data.store import Store
from transflower.data.verb_options import SplitConfig

AIST_PATTERN = r"_(m[A-Z]{2}\d)_"
"""The music token of AIST++ ids, such as ``mBR0`` in ``gBR_sBM_cAll_d04_mBR0_ch01``."""
NAME_PATTERN = r"^(.+?)(?:_(?:mirrored|take\d+))*$"
"""The id without endings that mark another version of the same recording."""


@dataclass(frozen=True, kw_only=True)
class SplitReport:
    """What went where."""

    folder: Path
    pattern: str
    """Regular expression by which songs were told apart."""
    songs: Mapping[str, Sequence[str]]
    """Split -> songs."""
    ids: Mapping[str, Sequence[str]]
    """Split -> sequences."""
    incomplete: Sequence[str]
    """Sequences left out because they lack a feature."""
    features: Sequence[str]

    def __str__(self) -> str:
        lines = [f"{self.folder}: songs are told apart by {self.pattern}"]
        for split, ids in self.ids.items():
            songs = self.songs[split]
            lines.append(f"  {split:5}  {len(ids):5} sequences, {len(songs):4} songs: {name_some(songs)}")
        if self.incomplete:
            lines.append(
                f"left out: {len(self.incomplete)} sequences without all of {', '.join(self.features)}: "
                f"{name_some(self.incomplete)}"
            )
        return "\n".join(lines)


def split_folder(config: SplitConfig) -> SplitReport:
    """Write the lists of ids; the same folder and seed give the same lists.

    Raises:
        DataError: nothing to divide, too few songs, or lists that exist.
        OptionsError: a pattern that does not find the songs.
    """
    store = Store(config.folder)
    shares = {"train": 1.0 - config.val - config.test, "val": config.val, "test": config.test}
    existing = [path for split in shares if (path := store.list_path(split)).exists()]
    if existing and not config.overwrite:
        raise DataError(f"{existing[0]} exists already; add --overwrite to replace the lists of the folder")
    features = config.features or tuple(store.features())
    ids, incomplete = _complete_ids(store, features)
    pattern = config.song_pattern or _default_pattern(ids)
    table = config.pairs or store.folder / TABLE
    paired = _paired(table) if config.pairs is not None or is_there(table) else {}
    songs = group_by_song([one for one in ids if one not in paired], pattern)
    for one in ids:
        if one in paired:
            songs.setdefault(paired[one], []).append(one)
    chosen = divide(songs, {split: share for split, share in shares.items() if share > 0}, seed=config.seed)
    report = SplitReport(
        folder=store.folder,
        pattern=pattern,
        songs=chosen,
        ids={split: sorted(one for song in names for one in songs[song]) for split, names in chosen.items()},
        incomplete=incomplete,
        features=features,
    )
    for split in shares:
        if split in report.ids:
            write_text(store.list_path(split), "".join(f"{one}\n" for one in report.ids[split]))
        else:
            store.list_path(split).unlink(missing_ok=True)  # A stale list would hold sequences of other splits.
    return report


def group_by_song(ids: Sequence[str], pattern: str) -> dict[str, list[str]]:
    """Song -> its sequences.

    Raises:
        OptionsError: no regular expression with one group, or an id that it does not match.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise OptionsError(f"song_pattern {pattern!r} is no regular expression: {error}") from error
    if compiled.groups != 1:
        raise OptionsError(f"song_pattern {pattern!r} needs one group in parentheses, it has {compiled.groups}")
    songs: dict[str, list[str]] = {}
    unmatched = []
    for one in ids:
        match = compiled.search(one)
        if match and match[1]:
            songs.setdefault(match[1], []).append(one)
        else:
            unmatched.append(one)
    if unmatched:
        raise OptionsError(f"song_pattern {pattern!r} finds no song in {len(unmatched)} ids: {name_some(unmatched)}")
    return songs


def divide(songs: Mapping[str, Sequence[str]], shares: Mapping[str, float], *, seed: int) -> dict[str, list[str]]:
    """Split -> songs, as near to each share of the sequences as whole songs allow, and at least one song each.

    The first split gets what the others leave.

    Raises:
        DataError: fewer songs than splits.
    """
    if len(songs) < len(shares):
        raise DataError(
            f"{' + '.join(shares)} need at least {len(shares)} songs, found {len(songs)} ({name_some(sorted(songs))}); "
            "set a share to 0, or tell songs apart with --song-pattern"
        )
    names = sorted(songs)
    order = [names[i] for i in generator(seed, "split").permutation(len(names))]
    num_sequences = sum(map(len, songs.values()))
    training, *held_out = shares
    chosen: dict[str, list[str]] = {}
    for index, split in enumerate(held_out):
        spare = len(order) - (len(held_out) - index)  # Each split after this one, and training, needs a song.
        taken = _take(order, songs, round(shares[split] * num_sequences))[:spare]
        chosen[split] = sorted(taken)
        order = [song for song in order if song not in taken]
    return {training: sorted(order), **chosen}


def _take(order: Sequence[str], songs: Mapping[str, Sequence[str]], wanted: int) -> list[str]:
    """Songs in order while they fit; if none does, the shortest."""
    taken: list[str] = []
    count = 0
    for song in order:
        if count + len(songs[song]) <= wanted:
            taken.append(song)
            count += len(songs[song])
    return taken or [min(order, key=lambda song: len(songs[song]))]


def _complete_ids(store: Store, features: Sequence[str]) -> tuple[list[str], list[str]]:
    found = store.contents()
    having = [set(found.get(feature, [])) for feature in features]
    if not having or not set.union(*having):
        raise DataError(
            f"{store.folder} holds no ID.FEATURE.npy file{f' of {name_some(features)}' if features else ''}"
        )
    complete = set.intersection(*having)
    incomplete = sorted(set.union(*having) - complete)
    if not complete:
        counts = ", ".join(f"{name} {len(ids)}" for name, ids in zip(features, having, strict=True))
        raise DataError(f"{store.folder}: no sequence has all features ({counts} files); name some with --features")
    return sorted(complete), incomplete


def _paired(table: Path) -> dict[str, str]:
    """Dance, or its mirror image -> its song, or itself where it has none; partners have the same.

    Raises:
        FormatError: the table cannot be read.
    """
    # Imported late, so that --help is quick.
    from transflower.audio.formats import SOUND_SUFFIXES
    from transflower.features.extraction.pairs import as_id
    from transflower.features.extraction.target import MIRRORED

    songs: dict[str, str] = {}
    partners: list[tuple[str, str]] = []
    for line in read_table(table, needed=("id",), optional=("song", "partner"), aliases={"dance": "id"}, others=True):
        if isinstance(line, FormatError):
            raise line
        dance = as_id(line.cells["id"], (".bvh",))
        songs[dance] = as_id(line.cells["song"], SOUND_SUFFIXES) if line.cells["song"] else dance
        partners += [(dance, line.cells["partner"])] if line.cells["partner"] else []
    for one, other in partners:
        kept, given_up = songs[one], songs.get(other, other)
        songs = {dance: kept if song == given_up else song for dance, song in songs.items()}
    return songs | {dance + MIRRORED: song for dance, song in songs.items()}


def _default_pattern(ids: Sequence[str]) -> str:
    return AIST_PATTERN if all(re.search(AIST_PATTERN, one) for one in ids) else NAME_PATTERN
