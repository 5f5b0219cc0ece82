"""How far two samples are from each other.

Shape letters: B samples, T and S frames, D columns on disk.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Shaped
from numpy import ndarray

from transflower.models import SequenceModel
from transflower.models.scaling import ClassIndices


def difference(
    model: SequenceModel, drawn: Mapping[str, Shaped[ndarray, "B T D"]], other: Mapping[str, Shaped[ndarray, "B S D"]]
) -> float:
    """Root mean square over all modelled columns and the frames that both have, in standard deviations of the data.

    Class indices, of which none is further off than another, do not count.
    """
    squares = []
    for name in model.config.outputs:
        scaling = model.scaling(name)
        if isinstance(scaling, ClassIndices):
            continue
        frames = min(drawn[name].shape[1], other[name].shape[1])
        first, second = (
            scaling(torch.from_numpy(sample[name][:, :frames]).to(scaling.mean)) for sample in (drawn, other)
        )
        squares.append((first - second).square().flatten())
    return float(torch.cat(squares).mean().sqrt())
