"""What was measured of sequences, kept beside them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from transflower.core.files import CACHE_FOLDER
from transflower.core.line_cache import LineCache, Stamps, stamps_of
from transflower.data.stats.measure import Outlier, SequenceStats

_VERSION = 1
"""Of what is measured."""


class StatsCache:
    """Statistics of sequences whose arrays and sidecars are still the same."""

    def __init__(self, folder: Path, *, about: Mapping[str, object]) -> None:
        """Read it; ``about`` is what else the statistics depend on."""
        self._cache = LineCache(folder / CACHE_FOLDER / "stats.jsonl")
        text = json.dumps([_VERSION, about], sort_keys=True, default=str)
        self._about = hashlib.sha256(text.encode()).hexdigest()[:16]

    def get(self, sequence_id: str, paths: Mapping[str, Path], stamps: Stamps) -> SequenceStats | None:
        """Of a sequence whose arrays have these stamps, if they are known."""
        value = self._cache.get(self._key(sequence_id, paths), stamps)
        try:
            outliers = tuple(Outlier(**one) for one in value.pop("outliers"))
            return SequenceStats(**{**value, "contacts": tuple(value["contacts"])}, outliers=outliers)
        except (AttributeError, KeyError, TypeError):  # None, or something else that somebody has written.
            return None

    def add(self, stats: SequenceStats, paths: Mapping[str, Path], before: Stamps) -> None:
        """Keep them, unless something is wrong, or its arrays have changed since they had the stamps ``before``."""
        stamps = stamps_of(paths.values())
        if not stats.problem and stamps and stamps == before:
            self._cache.add(self._key(stats.sequence_id, paths), stamps, asdict(stats))

    def _key(self, sequence_id: str, paths: Mapping[str, Path]) -> str:
        return f"{sequence_id} {','.join(paths)} {self._about}"
