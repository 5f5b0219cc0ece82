"""Styles of a folder of features in which synthetic dancers and people dance."""

from collections.abc import Mapping
from pathlib import Path

from recipes.dancer.people import PersonTake
from transflower.core.files import write_text
from transflower.core.table import write_table
from transflower.data.labels_extraction import extract_labels
from transflower.data.recordings import TABLE
from transflower.data.store import Store
from transflower.data.verb_options import LabelsExtraction

GROOVE = "groove"
"""What synthetic dancers dance."""


def label_styles(features: Path, people: Mapping[str, PersonTake]) -> None:
    """Write the style of every sequence, and hold out those of people that are to be.

    ``people`` are takes by the ids of their sequences; the split lists are there already.
    """
    store = Store(features)
    ids = store.contents()["motion"]
    styles = {one: people[one].row.style if one in people else GROOVE for one in ids}
    rows = [{"id": one, "style": style} for one, style in styles.items()]
    write_text(features / TABLE, write_table(["id", "style"], rows))
    extract_labels(LabelsExtraction(folder=features))
    splits = {split: [one for one in store.ids(split) if one not in people] for split in store.splits()}
    for one in ids:
        if one in people:
            splits.setdefault(people[one].row.split or "train", []).append(one)
    for split, listed in splits.items():
        write_text(store.list_path(split), "".join(f"{one}\n" for one in sorted(listed)))
