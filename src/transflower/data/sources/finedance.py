"""FineDance: arrays of SMPL-H in ``motion/``, sound in ``music_wav/`` and styles in ``label_json/``, by number."""

from pathlib import Path

from transflower.core.errors import TransflowerError
from transflower.core.files import read_json
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import Songs, distinct, left_out, lists_below, motion_files, stem, without_song

IGNORED = {*(f"{number:03}" for number in range(116, 124)), "202"}
"""Dances that its authors leave out of training and of tests."""
_STYLES = ("style2", "genre", "style", "style1")
"""Keys of a label that tell a style, the finest first."""


def find_finedance(config: ImportConfig) -> Found:
    """The dances of FineDance, without those that its authors leave out.

    Raises:
        DataError: there are none.
    """
    songs = Songs(config)
    labels = {path.stem: path for path in lists_below(config.folder, "*.json")}
    broken: list[str] = []
    paths = motion_files(config, (".npy",))
    rows = [
        RecordingRow(
            id=stem(path),
            motion=path,
            song=songs.find(stem(path), path),
            offset=0.0,
            style=_style(labels.get(stem(path)), broken),
        )
        for path in paths
        if stem(path) not in IGNORED
    ]
    found = distinct(rows)
    notes = [
        *left_out("dances that its authors leave out", [stem(path) for path in paths if stem(path) in IGNORED]),
        *left_out("labels that cannot be read", broken),
        *songs.notes(),
        *without_song(found, lambda row: row.id),
    ]
    return Found(rows=found, notes=tuple(notes))


def _style(label: Path | None, broken: list[str]) -> str:
    if label is None:
        return ""
    try:
        found = read_json(label)
    except TransflowerError:
        broken.append(label.name)
        return ""
    told = [found[key] for key in _STYLES if isinstance(found.get(key), str)] if isinstance(found, dict) else []
    return told[0].lower() if told else ""


FINEDANCE = Corpus(
    title="FineDance",
    find=find_finedance,
    terms="for academic research; its music belongs to its makers; what learns from it is for research too",
)
