"""A recording of a folder of features as a model reads it: its conditions, and what was really danced.

Shape letters: T frames, D columns.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from transflower.data.store import Store
from transflower.features.moves import encode_moves
from transflower.features.sidecar import MovesSidecar, sidecar_from_dict
from transflower.generation.conditions import feature_name, read_stored
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

    Kinds of moves have other numbers in every folder: they are found anew, as the model has learnt them.

    Raises:
        TransflowerError: there is no such sequence, or its features are not those of the model.
    """
    song = open_song(loaded, sequence_id, data=folder)
    outputs: dict[str, np.ndarray] = {}
    moves: dict[str, MovesSidecar] = {}
    for name in loaded.model.config.outputs:
        sidecar = _moves_told_otherwise(loaded, folder, name)
        if sidecar is not None:
            moves[name] = sidecar
        else:
            outputs[name] = read_stored(loaded, name, folder, sequence_id)
    for name, sidecar in moves.items():
        of = next(one for one in outputs if feature_name(loaded, one) == sidecar.of)
        outputs[name] = encode_moves(outputs[of].astype(np.float64), sidecar)
    frames = min(song.frames, *map(len, outputs.values()))
    return ModelledRecording(
        inputs=song.inputs,
        outputs={name: outputs[name][:frames] for name in loaded.model.config.outputs},
        song_frames=song.frames,
    )


def moves_sidecar(loaded: LoadedModel, name: str, of: Collection[str]) -> MovesSidecar | None:
    """How a model tells kinds of moves by an output; None where it tells none, or not those of a feature in ``of``."""
    tree = loaded.sidecars.get(name)
    if not tree or tree.get("kind") != "moves":
        return None
    sidecar = sidecar_from_dict(tree, loaded.folder / "features.json")
    assert isinstance(sidecar, MovesSidecar)
    return sidecar if sidecar.of in of else None


def _moves_told_otherwise(loaded: LoadedModel, folder: Path, name: str) -> MovesSidecar | None:
    """How the model tells kinds of moves, where an output is that and the folder tells them in another way."""
    if loaded.sidecars.get(name) == Store(folder).sidecar(feature_name(loaded, name)):
        return None
    others = {feature_name(loaded, one) for one in loaded.model.config.outputs if one != name}
    return moves_sidecar(loaded, name, others)
