"""``transflower import-checkpoint FILE.ckpt --out MODEL``."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transflower.cli.given import check_files
from transflower.core.errors import OptionsError
from transflower.core.files import atomic_folder, check_folder
from transflower.core.options import parse


@dataclass(frozen=True, kw_only=True)
class ImportCheckpoint:
    """Makes a model that `generate` can use of a checkpoint of the 2021 system: transflower, transformer or moglow.

    The file's tensors and options are read, and nothing in it is run.
    """

    checkpoint: Path
    """The `.ckpt` file, as PyTorch Lightning wrote it."""
    out: Path | None = None
    """Folder of the model; by default named after the file, beside it."""
    scalers: Mapping[str, Path] = field(default_factory=dict)
    """Scaler of each modality, e.g. `--scalers.expmap_scaled_20 FILE`: `.npz` with the arrays `mean` and `std`, or
    `.npy` with these two rows. The model then takes and makes features that are not scaled. By default it takes and
    makes scaled ones."""
    fps: float = 20.0
    """Frames per second of the features."""

    def __post_init__(self) -> None:
        if not 0 < self.fps < math.inf:
            raise OptionsError(f"fps must be a number above 0, got {self.fps:g}")


def run(argv: Sequence[str], *, prog: str) -> int:
    """Read, convert, write, and say where it is."""
    options = parse(ImportCheckpoint, argv, positional=["checkpoint"], prog=prog)
    check_files(options.checkpoint, *options.scalers.values())
    out = options.out or options.checkpoint.with_suffix("")
    if out.exists():
        raise OptionsError(f"{out} exists already; name another folder by --out")
    check_folder(out)
    # Torch takes seconds to load, which neither --help nor what is told of mistakes must wait for.
    from transflower.models import save_model
    from transflower.published import import_model

    model = import_model(options.checkpoint, options.scalers, fps=options.fps)
    with atomic_folder(out) as temporary:
        save_model(temporary, model, sidecars={})
    print(out)
    reads = ", ".join(name for name in model.config.inputs if name not in model.config.outputs)
    print(f"draws {', '.join(model.config.outputs)} given {reads}, features at {options.fps:g} frames per second")
    return 0
