"""A file of motion and its song, as a model reads them.

Shape letters: T frames, D columns.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Shaped

from transflower.core.errors import DataError, FormatError, ModelError, TransflowerError
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.skeletons import onto_skeleton
from transflower.features.sidecar import ContactsSidecar, MotionSidecar, MovesSidecar
from transflower.formats.format import ReadOptions
from transflower.formats.registry import read_recording
from transflower.generation.conditions import feature_name, motion_sidecars
from transflower.generation.derived import derive, derived_sidecar
from transflower.generation.recordings import ModelledRecording
from transflower.generation.song import Song
from transflower.models import LoadedModel
from transflower.motion.clip import Clip

log = logging.getLogger(__name__)


def read_danced(loaded: LoadedModel, motion: Path, song: Song, *, source_fps: float | None = None) -> ModelledRecording:
    """A motion file, on the model's skeleton and at its frame rate, to a song.

    Args:
        loaded: the model.
        motion: a file of any format.
        song: what was danced to.
        source_fps: the true frame rate of a file that says a wrong one; its frames stay.

    Raises:
        ModelError: the model does not draw the motion of one dancer alone.
        FormatError: the file cannot be read, or has no body that the model's skeleton could take.
    """
    _, sidecar = only_motion(loaded)
    clip = read_recording(motion, ReadOptions(fps=source_fps)).clip
    told = (motion, clip.num_frames, clip.fps, clip.seconds, song.frames / sidecar.fps)
    log.info("%s: %d frames, %.5g a second, %.2f s; the song has %.2f s", *told)
    return danced(
        loaded, encode_motion(onto_model(clip, sidecar, motion), sidecar), song.inputs, song_frames=song.frames
    )


def danced(
    loaded: LoadedModel, rows: Float[np.ndarray, "T D"], inputs: Mapping[str, np.ndarray], *, song_frames: int
) -> ModelledRecording:
    """Features of motion, with what the model reads off them: kinds of moves, and which feet stand.

    Raises:
        ModelError: the model also draws something else.
    """
    output, motion = only_motion(loaded)
    outputs: dict[str, np.ndarray] = {output: rows}
    for name in loaded.model.config.outputs:
        if name != output:
            outputs[name] = derive(rows, _derived(loaded, name, output), motion)
    return ModelledRecording(inputs=inputs, outputs=outputs, song_frames=song_frames)


def only_motion(loaded: LoadedModel) -> tuple[str, MotionSidecar]:
    """The output that is the motion of one dancer, and what its columns mean.

    Raises:
        ModelError: there is none, or it is seen from a partner.
    """
    found = motion_sidecars(loaded)
    if len(found) != 1:
        raise ModelError(f"{loaded.folder} draws {len(found)} motions, and motion is scored by models that draw one")
    output, sidecar = next(iter(found.items()))
    if sidecar.root_frame != "own":
        raise ModelError(f"{loaded.folder} follows a partner; motion is scored by models of one dancer")
    return output, sidecar


def onto_model(clip: Clip, sidecar: MotionSidecar, path: Path) -> Clip:
    """A clip on the skeleton and at the frame rate of features.

    Raises:
        FormatError: it has no body that the skeleton could take.
    """
    try:
        return onto_skeleton(clip, sidecar.skeleton, sidecar.fps, body="the model's body")
    except TransflowerError as error:
        raise FormatError(path, f"cannot be put on the model's skeleton: {error}") from error


def shifted(loaded: LoadedModel, recording: ModelledRecording, frames: int) -> tuple[ModelledRecording, int]:
    """The common part of a dance and its song from frame ``frames`` on, and how many frames of the dance are left out.

    Below 0, that many frames are danced before the song begins.

    Raises:
        DataError: nothing is left.
    """
    skipped, first = max(0, -frames), max(0, frames)
    length = min(recording.num_frames - skipped, recording.song_frames - first)
    if length <= 0:
        raise DataError("motion and song have no moment in common")
    outputs = {name: rows[skipped : skipped + length] for name, rows in recording.outputs.items()}
    inputs = {name: _from(loaded, name, rows, first) for name, rows in recording.inputs.items()}
    return replace(recording, inputs=inputs, outputs=outputs, song_frames=recording.song_frames - first), skipped


def _from(loaded: LoadedModel, name: str, rows: Shaped[np.ndarray, "T D"], first: int) -> Shaped[np.ndarray, "_ D"]:
    if not loaded.model.has_time(name) or len(rows) == 1:
        return rows
    return rows[math.floor(first * loaded.model.spans[name].rate) :]


def _derived(loaded: LoadedModel, name: str, output: str) -> MovesSidecar | ContactsSidecar:
    """How another output is read off the motion."""
    found = derived_sidecar(loaded, name, {feature_name(loaded, output)})
    if found is None:
        raise ModelError(f"{loaded.folder} also draws {name!r}, which cannot be read off motion; give an id and --data")
    return found
