"""A folder of features that takes little space: all but a second of each sequence is a hole in the file."""

import io
from pathlib import Path

import numpy as np

DIMS = {"motion": 69, "audio": 85}
FRAMES = 5400
"""Three minutes."""


def write_holes(folder: Path, sequences: int, *, frames: int = FRAMES) -> None:
    """Sequences of which the first second holds numbers, and the rest takes no space."""
    rng = np.random.default_rng(0)
    ids = [f"take{number:05d}" for number in range(sequences)]
    for name, dim in DIMS.items():
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (frames, dim)})
        for one in ids:
            with (folder / f"{one}.{name}.npy").open("wb") as file:
                file.write(head.getvalue())
                file.write(rng.standard_normal((30, dim), np.float32).tobytes())
                file.truncate(head.tell() + 4 * frames * dim)
        (folder / f"{name}.json").write_text('{"fps": 30}')
    held_out = max(1, sequences // 20)
    (folder / "base_filenames_train.txt").write_text("\n".join(ids[held_out:]))
    (folder / "base_filenames_val.txt").write_text("\n".join(ids[:held_out]))
