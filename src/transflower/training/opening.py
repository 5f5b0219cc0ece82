"""What a dance begins with where nobody says otherwise: a piece of the training split.

Shape letters: T frames of a recording, S frames of an opening, D columns.
"""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float

from transflower.data.training_data import TrainingData
from transflower.models.scaling import Standardiser
from transflower.training.options import Experiment

_RECORDINGS = 32


def find_opening(data: TrainingData, experiment: Experiment) -> dict[str, np.ndarray]:
    """Output that is read again -> ``[S, D]``, at most as long as a window of training.

    It ends with the frame that of all in the second halves of some recordings is nearest the mean, in standard
    deviations: from there, any dance is near. From the mean itself, a pose which nobody ever takes, a model first has
    to find its feet.
    """
    positions, outputs = experiment.training.positions, experiment.model.outputs
    lengths = {
        name: span.extended(positions).length for name, span in experiment.model.spans.items() if name in outputs
    }
    if not lengths:
        return {}
    every = max(1, len(data.report.splits[experiment.data.train_split]) // _RECORDINGS)
    recordings = islice((arrays for _, arrays in data.sequences(experiment.data.train_split)), 0, None, every)
    _, stop, arrays = min((_nearest(data, arrays, lengths) for arrays in recordings), key=lambda found: found[0])
    return {name: np.array(arrays[name][max(0, stop - length) : stop]) for name, length in lengths.items()}


def _nearest(
    data: TrainingData, arrays: Mapping[str, Float[np.ndarray, "T D"]], outputs: Mapping[str, int]
) -> tuple[float, int, Mapping[str, np.ndarray]]:
    """How near the mean a recording comes, after how many frames, and the recording."""
    num_frames = min(len(arrays[name]) for name in outputs)
    first = num_frames // 2
    distances = np.zeros(num_frames - first)
    for name in outputs:
        known = data.statistics[name]
        scaled = Standardiser((known.mean, known.std))(torch.tensor(arrays[name][first:num_frames]))
        distances += scaled.square().sum(1).numpy()
    nearest = int(distances.argmin())
    return float(distances[nearest]), first + nearest + 1, arrays
