"""Which recordings of a folder of features have the same song."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from transflower.core.files import is_there
from transflower.data.recordings import TABLE, read_recordings
from transflower.data.store import Store


def songs_of(store: Store, ids: Iterable[str], output: str) -> dict[str, str]:
    """Id -> the first recording that has the same song: one file in the table of recordings, or equal sound.

    Args:
        store: the folder of features, perhaps with a table of recordings.
        ids: the recordings that are told apart.
        output: the feature that is evaluated, which is no sound.

    Raises:
        TransflowerError: the table or an array cannot be read.
    """
    table, names = _table(store.folder / TABLE), sound_features(store, output)
    found: dict[str, str] = {}
    first: dict[object, str] = {}
    for one in ids:
        keys = [key for key in (table.get(one), _digest(store, one, names)) if key is not None]
        known = {found[first[key]] for key in keys if key in first}
        # A recording can show that two songs are one.
        song = min(known, key=list(found).index, default=one)
        found = {other: song if its in known else its for other, its in found.items()} | {one: song}
        first |= dict.fromkeys(keys, one)
    return found


def sound_features(store: Store, output: str) -> list[str]:
    """The features of a folder that hold sound; without a sidecar of sound, all that nothing is known of."""
    described = {name: (store.sidecar(name) or {}).get("kind") for name in store.contents() if name != output}
    return [name for name, kind in described.items() if kind == "audio"] or [
        name for name, kind in described.items() if kind is None
    ]


def _table(path: Path) -> dict[str, Path]:
    rows = read_recordings(path, check_files=False) if is_there(path) else []
    return {row.id: row.song for row in rows if row.song is not None}


def _digest(store: Store, one: str, names: Iterable[str]) -> str | None:
    """Of all that is stored of the sound of a recording."""
    there = [name for name in names if store.path(one, name).exists()]
    digest = sha256()
    for name in there:
        rows = store.open(one, name).read()
        digest.update(f"{name} {rows.dtype} {rows.shape}\n".encode())
        digest.update(rows.tobytes())
    return digest.hexdigest() if there else None
