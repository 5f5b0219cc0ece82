"""The report of a check of a folder of recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from textwrap import indent
from typing import Any

from transflower.core.errors import DataError, TransflowerError
from transflower.core.rates import SAME_RATE, count_frames
from transflower.core.spans import Kind, Mode
from transflower.core.text_table import aligned_columns
from transflower.data.statistics import Contents


@dataclass(frozen=True, kw_only=True)
class FeatureSummary:
    """One feature over all sequences."""

    mode: Mode
    kind: Kind
    dim: int
    """Columns of most arrays; 0 where none could be read."""
    dtypes: tuple[str, ...]
    fps: float | None
    """Frames per second, where they are known."""
    sidecar: dict[str, Any] | None = field(repr=False)
    rate: Fraction = SAME_RATE
    """Its frames for each of those in which lengths are counted."""

    def num_frames(self, length: int) -> int:
        """Its frames in a sequence of a length."""
        return count_frames(length, self.rate)


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """Every problem of a folder at once, and what is usable."""

    folder: Path
    features: Mapping[str, FeatureSummary]
    splits: Mapping[str, Sequence[str]]
    """Usable ids of each split, in the order of its list."""
    lengths: Mapping[str, int]
    """Frames to read of every usable sequence, those of the first output; others have as many seconds."""
    contents: Mapping[str, Mapping[str, Contents]] = field(repr=False)
    """Feature -> id -> what the array holds."""
    problems: Sequence[TransflowerError]
    """Problems that must be fixed before training, file by file."""
    warnings: Sequence[str]
    """Notes that do not prevent training."""

    def raise_problems(self) -> None:
        """Refuse a folder with problems.

        Raises:
            DataError: listing all of them.
        """
        if self.problems:
            raise DataError(f"{self.folder} cannot be used yet; {self._problem_lines()}")

    def __str__(self) -> str:
        usable = f"{self.folder}: {len(self.lengths)} usable sequences, {self._duration(self.lengths)}"
        parts = [usable, _table(self._split_rows()), _table(self._feature_rows())]
        parts += [f"note: {warning}" for warning in self.warnings]
        parts.append(self._problem_lines() if self.problems else "no problems")
        return "\n".join(parts)

    def _problem_lines(self) -> str:
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        return "\n  - ".join([f"{count}:", *map(str, self.problems)])

    def _split_rows(self) -> list[list[str]]:
        rows = [[split, str(len(ids)), self._duration(ids)] for split, ids in self.splits.items()]
        return [["split", "sequences", "length"], *rows]

    def _feature_rows(self) -> list[list[str]]:
        rows = [
            [
                name,
                str(feature.dim or "?"),
                "/".join(feature.dtypes) or "?",
                "?" if feature.fps is None else f"{feature.fps:g}",
                feature.mode,
                feature.kind,
                str(len(self.contents[name])),
            ]
            for name, feature in self.features.items()
        ]
        return [["feature", "columns", "type", "fps", "mode", "kind", "good files"], *rows]

    def _duration(self, ids: Sequence[str] | Mapping[str, int]) -> str:
        frames = sum(self.lengths[sequence_id] for sequence_id in ids)
        rates = {
            feature.fps / feature.rate
            for feature in self.features.values()
            if feature.mode == "sequence" and feature.fps
        }
        return f"{frames / rates.pop() / 60:.1f} minutes" if len(rates) == 1 else f"{frames} frames"


def _table(rows: Sequence[Sequence[str]]) -> str:
    return indent(aligned_columns(rows, left=range(len(rows[0]))), "  ")
