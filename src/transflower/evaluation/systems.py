"""The systems of a report that draw nothing: folders of files, and the data themselves.

Shape letters: T frames, D columns.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.array_file import ArrayFile
from transflower.core.errors import DataError, FormatError, FrameRateError, TransflowerError
from transflower.core.listing import name_some
from transflower.evaluation.opening import Data
from transflower.evaluation.options import MEAN, OTHER_MUSIC, REAL
from transflower.evaluation.songs_of import songs_of
from transflower.evaluation.system import Sample, Samples, Setting, System
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.skeletons import onto_skeleton
from transflower.formats.registry import holds_motion, read_recording
from transflower.motion.clip import Clip


def reference_rows(data: Data, setting: Setting) -> list[System]:
    """The data: other real sequences beside those of the split; the same to other music; the mean of all frames.

    The others are of other splits, as many as a model draws, so that their distances are those of a perfect model.
    Where there are none, one half of the recordings is compared with the other half.
    """
    others, reference = setting.others, None
    if not others:
        others = {one: setting.real[one] for one in setting.ids[::2]}
        reference = {one: setting.real[one] for one in setting.ids[1::2]}
    mean = np.asarray(setting.moments[0])
    still = {one: [data.sample(one, np.tile(mean, (len(real[0].rows), 1)))] for one, real in setting.real.items()}
    return [
        System(name=REAL, samples=others, reference=reference),
        System(name=OTHER_MUSIC, samples=_elsewhere(others, data), reference=reference),
        System(name=MEAN, samples=still),
    ]


def read_folder(name: str, folder: Path, data: Data) -> System:
    """The samples of another system: ``ID.SUFFIX`` or ``ID.NUMBER.SUFFIX`` for each recording.

    Raises:
        DataError: there is no file for any recording, or a file does not say what options of other commands could.
        FormatError: a file cannot be read, or has no body that the data's skeleton could take.
    """
    files = sorted(folder.iterdir())
    samples = {one: [_read(path, one, data) for path in files if _belongs(path, one, data.output)] for one in data.ids}
    found: Samples = {one: some for one, some in samples.items() if some}
    if not found:
        raise DataError(
            f"{folder} has no motion of the recordings that are evaluated ({name_some(data.ids, most=3)}); "
            f"name its files after them, such as {data.ids[0]}.bvh"
        )
    return System(name=name, samples=found)


def onto_data(clip: Clip, one: str, data: Data, *, frames: int | None = None) -> Sample:
    """The first frames of a motion, on the skeleton and at the frame rate of the data."""
    sidecar = data.sidecar
    assert sidecar is not None
    clip = onto_skeleton(clip, sidecar.skeleton, sidecar.fps, body="the skeleton of the data")
    return data.sample(one, encode_motion(clip, sidecar), frames=frames)


def _elsewhere(samples: Samples, data: Data) -> Samples:
    """Each sequence to the music of another recording, which is another song."""
    ids = list(samples)
    songs = songs_of(data.store, ids, data.output)
    lent = dict(zip(ids, [*ids[len(ids) // 2 :], *ids[: len(ids) // 2]], strict=True))
    return {
        to: [replace(sample, id=to) for sample in samples[one]] for one, to in lent.items() if songs[one] != songs[to]
    }


def _belongs(path: Path, one: str, output: str) -> bool:
    if path.suffix == ".npy":
        return path.name in {f"{one}.npy", f"{one}.{output}.npy"} or _numbered(path.name, one, f".{output}.npy")
    return (path.stem == one or _numbered(path.name, one, path.suffix)) and holds_motion(path)


def _numbered(name: str, one: str, ending: str) -> bool:
    return re.fullmatch(rf"{re.escape(one)}\.\d+{re.escape(ending)}", name) is not None


def _read(path: Path, one: str, data: Data) -> Sample:
    width = data.store.header(one, data.output).shape[-1]
    if path.suffix == ".npy" and ArrayFile(path).shape[1:] == (width,):
        return data.sample(one, _finite(path))
    if data.sidecar is None:
        raise FormatError(path, f"does not hold the {width} columns of {data.output}")
    try:
        return onto_data(read_recording(path).clip, one, data)
    except FrameRateError as error:
        raise DataError(f"{error}; the option is one of `transflower convert`, by which a file is mended") from error
    except FormatError:
        raise
    except TransflowerError as error:
        raise FormatError(path, f"cannot be put on the data's skeleton: {error}") from error


def _finite(path: Path) -> Float[np.ndarray, "T D"]:
    rows = ArrayFile(path).read()
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        frame, column = bad[0].tolist()
        raise FormatError(path, f"is {rows[frame, column]} in frame {frame}, column {column}")
    return rows
