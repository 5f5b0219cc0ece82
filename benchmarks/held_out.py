"""Songs that no model has heard, and how well it dances to them.

Shape letters: S samples, T frames, D columns.
"""

import math
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError
from transflower.core.moments import CONSTANT_STD
from transflower.data.store import Store
from transflower.evaluation.dances import dance_to
from transflower.evaluation.frechet import movement_distance, pose_distance
from transflower.evaluation.ground_truth_metrics import compare_with_ground_truth
from transflower.features.motion.codec import decode_motion
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.generation import generate, open_song
from transflower.models import LoadedModel
from transflower.synthetic.ground_truth import GroundTruth
from transflower.synthetic.recording import ground_truth_path

Dances = Mapping[str, Float[np.ndarray, "S T D"]]
"""By the id of the song."""


class HeldOut:
    """The test split of synthetic recordings, and their ground truth."""

    def __init__(self, recordings: Path, features: Path) -> None:
        self._features = features
        store = Store(features)
        ids, known = store.ids("test"), store.ids("train")
        self._ground_truths = {one: GroundTruth.read(ground_truth_path(recordings, one)) for one in ids}
        self._danced = {one: self._motion(one) for one in ids}
        self._known = [self._motion(one) for one in known[: len(ids)]]
        self._sidecar = _motion_sidecar(features)

    def real_metrics(self) -> dict[str, float]:
        """The held-out dances against the ground truth, and dances of the training split against them."""
        dances = {one: rows[None] for one, rows in self._danced.items()}
        return self._distances(self._known) | self._ground_truth_metrics(dances)

    def metrics(self, loaded: LoadedModel, *, samples: int, seed: int) -> dict[str, float]:
        """Dances of a model to all songs."""
        drawn = dance_to(loaded, self._danced, self._features, samples=samples, seed=seed)
        dances = {one: outputs["motion"] for one, outputs in drawn.items()}
        return self._distances(dance for some in dances.values() for dance in some) | self._ground_truth_metrics(dances)

    def frames_per_second(self, loaded: LoadedModel, *, frames: int = 150) -> float:
        """Frames that are drawn of one dancer in a CPU-second, the beginning included."""
        song = open_song(loaded, next(iter(self._danced)), data=self._features)
        start = time.process_time()
        generate(loaded, song.inputs, num_frames=frames, label="speed")
        return frames / (time.process_time() - start)

    def _motion(self, one: str) -> Float[np.ndarray, "T D"]:
        return np.load(self._features / f"{one}.motion.npy").astype(np.float64)

    def _distances(self, dances: Iterable[Float[np.ndarray, "T D"]]) -> dict[str, float]:
        """Fréchet distances from the held-out dances, in their standard deviations."""
        pooled = np.concatenate(list(self._danced.values()))
        std = pooled.std(0)
        varies = std >= CONSTANT_STD
        real, fake = ([rows[:, varies] / std[varies] for rows in some] for some in (self._danced.values(), dances))
        return {"pose distance": pose_distance(real, fake), "movement distance": movement_distance(real, fake)}

    def _ground_truth_metrics(self, dances: Dances) -> dict[str, float]:
        metrics = compare_with_ground_truth(
            [
                (decode_motion(rows, self._sidecar), self._ground_truths[one])
                for one, some in dances.items()
                for rows in some
            ]
        )
        return {
            "beat error (ms)": 1000 * metrics.beat_seconds,
            "by chance (ms)": 1000 * metrics.beat_seconds_by_chance,
            "moves covered": metrics.moves.moves_seen / len(metrics.moves.expected),
            "unrecognised bars": metrics.moves.unrecognised_share,
            "total variation": metrics.moves.total_variation,
            # Without two neighbouring phrases of recognised moves there is no value.
            **({} if math.isnan(metrics.moves.changes) else {"move changes": metrics.moves.changes}),
        }


def _motion_sidecar(features: Path) -> MotionSidecar:
    sidecar = read_sidecar(features / "motion.json")
    if not isinstance(sidecar, MotionSidecar):
        raise FormatError(features / "motion.json", "does not describe motion")
    return sidecar
