"""A recording of a folder of features as a model reads it: its conditions, and what was really danced.

Shape letters: T frames, D columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from transflower.data.store import Store
from transflower.features.sidecar import ContactsSidecar, MovesSidecar
from transflower.generation.conditions import feature_name, motion_sidecars, read_stored
from transflower.generation.derived import derive, derived_sidecar
from transflower.generation.partner import partner_places
from transflower.generation.song import open_song
from transflower.models import LoadedModel


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelledRecording:
    """All that a model reads and draws of a recording."""

    inputs: Mapping[str, np.ndarray]
    """Each condition, as ``generate`` takes them."""
    outputs: Mapping[str, Shaped[np.ndarray, "T D"]]
    """Each output, of as many frames."""
    song_frames: int
    """Frames of the outputs for which there are conditions."""

    @property
    def num_frames(self) -> int:
        """T."""
        return min(map(len, self.outputs.values()))

    def first(self, num_frames: int) -> "ModelledRecording":
        """Its first frames; conditions stay whole."""
        return replace(self, outputs={name: rows[:num_frames] for name, rows in self.outputs.items()})


def read_recording(loaded: LoadedModel, folder: Path, sequence_id: str) -> ModelledRecording:
    """Read a sequence of a folder of features.

    Kinds of moves have other numbers in every folder: they are found anew, as the model has learnt them. So are feet
    that stand, where the folder does not tell of them as the model does.

    Raises:
        TransflowerError: there is no such sequence, or its features are not those of the model.
    """
    song = open_song(loaded, sequence_id, data=folder)
    outputs: dict[str, np.ndarray] = {}
    derived: dict[str, MovesSidecar | ContactsSidecar] = {}
    for name in loaded.model.config.outputs:
        sidecar = _told_otherwise(loaded, folder, name)
        if sidecar is not None:
            derived[name] = sidecar
        else:
            outputs[name] = read_stored(loaded, name, folder, sequence_id)
    places = partner_places(loaded, song.inputs) if derived else None
    for name, sidecar in derived.items():
        of = next(one for one in outputs if feature_name(loaded, one) == sidecar.of)
        rows = outputs[of] if places is None else outputs[of][: places.num_frames]
        partner = None if places is None else places[: len(rows)]
        outputs[name] = derive(rows, sidecar, motion_sidecars(loaded).get(of), partner=partner)
    frames = min(song.frames, *map(len, outputs.values()))
    return ModelledRecording(
        inputs=song.inputs,
        outputs={name: outputs[name][:frames] for name in loaded.model.config.outputs},
        song_frames=song.frames,
    )


def _told_otherwise(loaded: LoadedModel, folder: Path, name: str) -> MovesSidecar | ContactsSidecar | None:
    """How an output is read off another one, where the folder does not hold it, or reads it in another way."""
    if loaded.sidecars.get(name) == Store(folder).sidecar(feature_name(loaded, name)):
        return None
    others = {feature_name(loaded, one) for one in loaded.model.config.outputs if one != name}
    return derived_sidecar(loaded, name, others)
