"""What is odd about the values of extracted features: silent songs, poses that do not belong to a dance."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from transflower.core.errors import TransflowerError
from transflower.core.progress import progress
from transflower.data.report import Report, name_some
from transflower.data.store import Store
from transflower.features.audio.silent import describe_silence
from transflower.features.sidecar import AudioSidecar, Sidecar, sidecar_from_dict


def find_oddities(store: Store, report: Report) -> list[str]:
    """Notes on the usable arrays of features whose sidecars say what their columns mean; nothing of it is a fault."""
    notes: list[str] = []
    for feature, summary in report.features.items():
        try:
            sidecar = _described(store, feature, summary.sidecar, summary.dim)
        except TransflowerError as error:
            notes.append(f"{error}; nothing can be said of its columns, and nothing made of them but arrays")
            continue
        look = _look(sidecar)
        if look is None:
            continue
        told = {
            one: said
            for one in progress(list(report.contents[feature]), label=f"looking at {feature}", unit="file")
            if (said := look(store.open(one, feature).read(0, report.lengths.get(one))))
        }
        if told:
            some = name_some([f"{store.path(one, feature).name} is {said}" for one, said in told.items()])
            notes.append(f"{len(told)} of {len(report.contents[feature])} files of {feature}: {some}")
    return notes


def _described(store: Store, feature: str, found: Mapping[str, Any] | None, columns: int) -> Sidecar | None:
    """The sidecar, if it is one of ours and fits the arrays."""
    if found is None or "kind" not in found:
        return None
    sidecar = sidecar_from_dict(dict(found), store.folder / f"{feature}.json")
    return sidecar if len(getattr(sidecar, "names", ())) == columns else None


def _look(sidecar: Sidecar | None) -> Callable[[np.ndarray], str] | None:
    if isinstance(sidecar, AudioSidecar):
        return lambda rows: describe_silence(rows, sidecar)
    return None
