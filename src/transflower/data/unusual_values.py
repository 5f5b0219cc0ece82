"""Unusual values in extracted features: silent songs, poses that do not belong to a dance."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from transflower.core.errors import TransflowerError
from transflower.core.file_stamp import are_settled
from transflower.core.files import CACHE_FOLDER
from transflower.core.line_cache import LineCache, stamps_of
from transflower.core.listing import first_few, listing
from transflower.core.progress import progress
from transflower.data.report import Report
from transflower.data.store import Store
from transflower.features.audio.silent import describe_silence
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import AudioSidecar, MotionSidecar, Sidecar, sidecar_from_dict
from transflower.motion.clip import Clip
from transflower.motion.faults.detectors import QUICK_KINDS, find_faults

_MOST_SHOWN = 10
_VERSION = 1
"""Of what is looked for."""


def find_unusual_values(store: Store, report: Report) -> list[str]:
    """Notes on the usable arrays of features whose sidecars say what their columns mean; none is an error."""
    notes: list[str] = []
    cache = LineCache(store.folder / CACHE_FOLDER / "unusual.jsonl")
    for feature, summary in report.features.items():
        try:
            sidecar = _described(store, feature, summary.sidecar, summary.dim)
        except TransflowerError as error:
            notes.append(f"{error}; its columns are unknown, so they can only be used as arrays")
            continue
        look = _look(sidecar)
        if look is None:
            continue
        said_of = partial(_said, store, report, feature, look, cache)
        ids = progress(list(report.contents[feature]), label=f"looking at {feature}", unit="file")
        told = {one: said for one in ids if (said := said_of(one))}
        if told:
            lines = [f"{store.path(one, feature).name} {said}" for one, said in told.items()]
            head = f"{len(told)} of {len(report.contents[feature])} files of {feature} have unusual values"
            notes.append(listing(head, first_few(lines, _MOST_SHOWN)))
    return notes


def _said(
    store: Store, report: Report, feature: str, look: Callable[[np.ndarray], str], cache: LineCache, sequence_id: str
) -> str:
    """What is said of an array; an array of which it is known is not read."""
    length, sidecar = _length(report, feature, sequence_id), report.features[feature].sidecar
    about = hashlib.sha256(json.dumps([_VERSION, length, sidecar], sort_keys=True).encode()).hexdigest()[:16]
    key, stamps = f"{sequence_id}.{feature} {about}", stamps_of([store.path(sequence_id, feature)])
    known = cache.get(key, stamps)
    if isinstance(known, str):
        return known
    said = look(store.open(sequence_id, feature).read(0, length))
    if are_settled(stamps):
        cache.add(key, stamps, said)
    return said


def _length(report: Report, feature: str, sequence_id: str) -> int | None:
    length = report.lengths.get(sequence_id)
    return None if length is None else report.features[feature].num_frames(length)


def _described(store: Store, feature: str, found: Mapping[str, Any] | None, columns: int) -> Sidecar | None:
    """The sidecar, if it is one of ours and fits the arrays."""
    if found is None or "kind" not in found:
        return None
    sidecar = sidecar_from_dict(dict(found), store.folder / f"{feature}.json")
    return sidecar if len(getattr(sidecar, "names", ())) == columns else None


def _look(sidecar: Sidecar | None) -> Callable[[np.ndarray], str] | None:
    if isinstance(sidecar, AudioSidecar):
        return lambda rows: f"is {said}" if (said := describe_silence(rows, sidecar)) else ""
    if isinstance(sidecar, MotionSidecar):
        return lambda rows: _describe_faults(decode_motion(rows, sidecar))
    return None


def _describe_faults(clip: Clip) -> str:
    """What does not belong to a dance, as text: the first fault of each kind; empty where there are none."""
    said = []
    faults = find_faults(clip, QUICK_KINDS)
    for kind in dict.fromkeys(fault.kind for fault in faults):
        first, *others = (fault for fault in faults if fault.kind == kind)
        more = f" (and {len(others)} more {kind})" if others else ""
        said.append(f"at {first.first / clip.fps:.2f} s: {first.what}{more}")
    return "; ".join(said)
