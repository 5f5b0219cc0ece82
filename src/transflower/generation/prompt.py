"""The prompt: motion before the first generated frame, taken from a recording.

Shape letters: S frames, D columns.
"""

from pathlib import Path

import numpy as np

from transflower.core.errors import FormatError, ModelError, OptionsError, TransflowerError
from transflower.core.files import is_there
from transflower.data.store import Store
from transflower.features.motion.codec import encode_motion
from transflower.formats.format import ReadOptions
from transflower.formats.registry import check_readable, is_motion_file, read_recording, refuse_others
from transflower.generation.conditions import (
    count_frames,
    feature_name,
    is_autoregressive,
    motion_sidecars,
    read_stored,
)
from transflower.generation.danced import onto_model
from transflower.generation.derived import DERIVED, contacts_of, derive
from transflower.models import LoadedModel


def open_prompt(
    loaded: LoadedModel,
    source: str,
    *,
    data: Path | None = None,
    until: float | None = None,
    source_fps: float | None = None,
) -> dict[str, np.ndarray]:
    """Read a prompt for every output that can have one, but for kinds of moves.

    Args:
        loaded: the model that shall go on.
        source: a file of motion, which is put on the model's skeleton, or the id of a sequence in ``data``.
        data: a folder of features.
        until: the second of the recording at which the model goes on; by default its end.
        source_fps: the true frame rate of a file that says a wrong one; its frames stay.

    Raises:
        TransflowerError: there is no such recording, or the model cannot go on from it.
    """
    outputs = [name for name in loaded.model.config.outputs if is_autoregressive(loaded.model, name)]
    if not outputs:
        raise ModelError("the model does not read what it has drawn, so it cannot go on from a prompt")
    path = Path(source)
    if data is None:
        check_readable(path)
    refuse_others(path)
    if is_motion_file(path):
        prompt = {name: _encoded(loaded, name, path, source_fps) for name in outputs if name in motion_sidecars(loaded)}
        if not prompt:
            raise ModelError(
                f"{loaded.folder} does not say which motion its features are; give the id of a sequence and --data"
            )
    else:
        assert data is not None, "what is no motion is refused without it"
        # Kinds of moves have other numbers in every folder; the model infers the present one from the motion.
        read = [
            name for name in outputs if loaded.kind(name) not in DERIVED or _is_told_alike(loaded, name, data, source)
        ]
        prompt = {name: read_stored(loaded, name, data, source) for name in read}
    if until is not None:
        count = round(count_frames(loaded, until, option="--prompt_until"))
        prompt = {name: _first(rows, count, until) for name, rows in prompt.items()}
    return {**_standing(loaded, prompt), **prompt}


def _standing(loaded: LoadedModel, prompt: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Which feet stand in the motion of a prompt, for each output that tells it; of a follower, only a folder knows."""
    found: dict[str, np.ndarray] = {}
    for motion, (name, sidecar) in contacts_of(loaded).items():
        described = motion_sidecars(loaded)[motion]
        if motion in prompt and described.root_frame == "own" and is_autoregressive(loaded.model, name):
            found[name] = derive(prompt[motion], sidecar, described)
    return found


def _is_told_alike(loaded: LoadedModel, name: str, data: Path, sequence_id: str) -> bool:
    """Whether a folder tells which feet of a sequence stand, and does it as the model."""
    store, feature = Store(data), feature_name(loaded, name)
    is_alike = loaded.kind(name) == "contacts" and store.sidecar(feature) == loaded.sidecars[name]
    return is_alike and is_there(store.path(sequence_id, feature))


def _first(rows: np.ndarray, count: int, until: float) -> np.ndarray:
    if not 1 <= count <= len(rows):
        raise OptionsError(f"--prompt_until {until:g} is not within the prompt, which has {len(rows)} frames")
    return rows[:count]


def _encoded(loaded: LoadedModel, output: str, path: Path, source_fps: float | None) -> np.ndarray:
    sidecar = motion_sidecars(loaded)[output]
    if sidecar.root_frame != "own":
        told = "so a file of one dancer cannot prompt it; give a couple's id and --data"
        raise ModelError(f"{loaded.folder} follows a partner, {told}")
    clip = onto_model(read_recording(path, ReadOptions(fps=source_fps)).clip, sidecar, path)
    try:
        return encode_motion(clip, sidecar)
    except TransflowerError as error:
        raise FormatError(path, f"cannot prompt this model: {error}") from error
