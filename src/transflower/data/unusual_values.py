"""Unusual values in extracted features: silent songs, poses that do not belong to a dance."""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from transflower.core.array_file import ArrayFile
from transflower.core.errors import TransflowerError
from transflower.core.file_stamp import are_settled
from transflower.core.files import CACHE_FOLDER
from transflower.core.line_cache import LineCache, Stamps, stamps_of
from transflower.core.listing import first_few, listing
from transflower.core.progress import progress
from transflower.core.workers import map_parallel
from transflower.data.report import Report
from transflower.data.store import Store
from transflower.data.stored_motion import decode_stored
from transflower.features.audio.silent import describe_silence
from transflower.features.sidecar import AudioSidecar, MotionSidecar, Sidecar, sidecar_from_dict
from transflower.motion.clip import Clip
from transflower.motion.faults.detectors import QUICK_KINDS, find_faults

_MOST_SHOWN = 10
_FEWEST_FOR_PROCESSES = 32
"""Arrays; for fewer, other processes take longer to start than they save."""
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
        if not isinstance(sidecar, AudioSidecar | MotionSidecar):
            continue
        told = {one: said for one, said in _looked_at(store, report, feature, sidecar, cache).items() if said}
        if told:
            lines = [f"{store.path(one, feature).name} {said}" for one, said in told.items()]
            head = f"{len(told)} of {len(report.contents[feature])} files of {feature} have unusual values"
            notes.append(listing(head, first_few(lines, _MOST_SHOWN)))
    return notes


def _looked_at(
    store: Store, report: Report, feature: str, sidecar: AudioSidecar | MotionSidecar, cache: LineCache
) -> dict[str, str]:
    """Id -> what is said of its array; arrays of which it is known are not read."""
    keys: dict[str, tuple[str, Stamps]] = {}
    said: dict[str, str | None] = {}
    for one in report.contents[feature]:
        about = [_VERSION, _length(report, feature, one), report.features[feature].sidecar]
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
        keys[one] = f"{one}.{feature} {digest}", stamps_of([store.path(one, feature)])
        known = cache.get(*keys[one])
        said[one] = known if isinstance(known, str) else None
    unknown = [one for one, known in said.items() if known is None]
    items = [(store.path(one, feature), _length(report, feature, one)) for one in unknown]
    jobs = -1 if len(items) >= _FEWEST_FOR_PROCESSES else 1
    found = map_parallel(partial(_look_at, sidecar=sidecar), items, jobs=jobs)
    found = progress(found, label=f"looking at {feature}", total=len(items), unit="file")
    for one, text in zip(unknown, found, strict=True):
        said[one] = text
        if are_settled(keys[one][1]):
            cache.add(*keys[one], text)
    return {one: text or "" for one, text in said.items()}


def _look_at(item: tuple[Path, int | None], sidecar: AudioSidecar | MotionSidecar) -> str:
    """What is said of the first rows of an array."""
    path, length = item
    rows = ArrayFile(path).read(0, length)
    if isinstance(sidecar, MotionSidecar):
        return _describe_faults(decode_stored(rows, sidecar, path))
    return f"is {said}" if (said := describe_silence(rows, sidecar)) else ""


def _length(report: Report, feature: str, sequence_id: str) -> int | None:
    length = report.lengths.get(sequence_id)
    return None if length is None else report.features[feature].num_frames(length)


def _described(store: Store, feature: str, found: Mapping[str, Any] | None, columns: int) -> Sidecar | None:
    """The sidecar, if it is one of ours and fits the arrays."""
    if found is None or "kind" not in found:
        return None
    sidecar = sidecar_from_dict(dict(found), store.folder / f"{feature}.json")
    return sidecar if len(getattr(sidecar, "names", ())) == columns else None


def _describe_faults(clip: Clip) -> str:
    """What does not belong to a dance, as text: the first fault of each kind; empty where there are none."""
    said = []
    faults = find_faults(clip, QUICK_KINDS)
    for kind in dict.fromkeys(fault.kind for fault in faults):
        first, *others = (fault for fault in faults if fault.kind == kind)
        more = f" (and {len(others)} more {kind})" if others else ""
        said.append(f"at {first.first / clip.fps:.2f} s: {first.what}{more}")
    return "; ".join(said)
