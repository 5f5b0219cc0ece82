"""Small folders of recordings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from transflower.core.spans import Span


def ramp(num_frames: int, dim: int = 2, *, start: float = 0.0) -> np.ndarray:
    """Every value says where it is: frame + column / 10."""
    return (start + np.arange(num_frames)[:, None] + np.arange(dim) / 10).astype(np.float32)


def write_folder(
    folder: Path, arrays: Mapping[str, Mapping[str, np.ndarray]], splits: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """Write ``{id: {feature: array}}`` and the lists of the splits."""
    folder.mkdir(parents=True, exist_ok=True)
    for one, features in arrays.items():
        for feature, array in features.items():
            np.save(folder / f"{one}.{feature}.npy", array, allow_pickle=array.dtype == object)
    for split, ids in (splits or {}).items():
        (folder / f"base_filenames_{split}.txt").write_text("".join(f"{one}\n" for one in ids))
    return folder


def window(start: int, length: int, **options: str) -> Span:
    """A span in short."""
    return Span(start=start, length=length, **options)
