"""What was danced before the song begins: taken from a recording.

Shape letters: S frames, D columns.
"""

from pathlib import Path

import numpy as np

from transflower.core.errors import DataError, FormatError, ModelError, OptionsError, TransflowerError
from transflower.features.motion.codec import encode_motion
from transflower.generation.fitting import is_autoregressive
from transflower.generation.modalities import count_frames, motion_sidecars
from transflower.generation.stored import read_stored
from transflower.models import LoadedModel
from transflower.motion.bvh import read_bvh
from transflower.motion.resample import resample


def open_seeds(
    loaded: LoadedModel,
    seed_motion: str,
    *,
    data: Path | None = None,
    until: float | None = None,
    source_fps: float | None = None,
) -> dict[str, np.ndarray]:
    """Read a seed for every output that can have one, but for kinds of moves.

    Args:
        loaded: the model that shall dance.
        seed_motion: a BVH file, or the id of a sequence in ``data``.
        data: a folder of features.
        until: the second of the recording at which the dance takes over; by default its end.
        source_fps: the frame rate of a BVH, whatever it says.

    Raises:
        TransflowerError: there is no such recording, or the model cannot begin with it.
    """
    outputs = [name for name in loaded.model.config.outputs if is_autoregressive(loaded.model, name)]
    if not outputs:
        raise ModelError("the model does not read what it has drawn, so no seed motion can lead into it")
    path = Path(seed_motion)
    if path.suffix.lower() == ".bvh":
        seeds = {name: _encoded(loaded, name, path, source_fps) for name in outputs if name in motion_sidecars(loaded)}
        if not seeds:
            raise ModelError(
                f"{loaded.folder} does not say which motion its features are; give the id of a sequence and --data"
            )
    elif data is not None:
        # Kinds of moves are numbered otherwise in every folder; which one was danced, the model tells from the motion.
        read = [name for name in outputs if (loaded.sidecars.get(name) or {}).get("kind") != "moves"]
        seeds = {name: read_stored(loaded, name, data, seed_motion) for name in read}
    else:
        raise DataError(f"{seed_motion}: seed motion is a .bvh file, or with --data the id of a sequence")
    if until is not None:
        count = round(count_frames(loaded, until, option="--seed_until"))
        seeds = {name: _first(rows, count, until) for name, rows in seeds.items()}
    return seeds


def _first(rows: np.ndarray, count: int, until: float) -> np.ndarray:
    if not 1 <= count <= len(rows):
        raise OptionsError(f"--seed_until {until:g} is not within the seed motion, which has {len(rows)} frames")
    return rows[:count]


def _encoded(loaded: LoadedModel, output: str, path: Path, source_fps: float | None) -> np.ndarray:
    sidecar = motion_sidecars(loaded)[output]
    clip = read_bvh(path, fps=source_fps).clip
    try:
        return encode_motion(resample(clip, sidecar.fps), sidecar)
    except TransflowerError as error:
        raise FormatError(path, f"cannot seed this model: {error}") from error
