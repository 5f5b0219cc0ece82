"""How likely held-out frames are, for models that predict one frame at once or several: the same frames for all.

Shape letters: B windows, P positions, D columns.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from transflower.core.seeds import derive_seed
from transflower.core.spans import Span
from transflower.models import Batch, Model


class Likelihood:
    """Nats per dimension of the frames ``start .. start + frames`` of every sequence.

    A model of one frame is asked for each, given all that was really danced before. A model of several frames at once
    is asked for every so many frames; by the chain rule, what it says is the mean over its frames, each given all that
    was really danced before, too. (The first frame alone has no closed density under such a model.)
    """

    def __init__(self, sequences: Sequence[Mapping[str, np.ndarray]], *, start: int, frames: int) -> None:
        self._sequences = sequences
        self._start, self._frames = start, frames

    @torch.no_grad()
    def nats(self, model: Model) -> float:
        """Of a model of one output; lower is better."""
        (output,) = model.config.outputs
        length = model.config.outputs[output].length
        generator = torch.Generator().manual_seed(derive_seed(0, "likelihood"))
        total, count = 0.0, 0
        for sequence in self._sequences:
            log_prob = model.log_prob(self._batch(model, sequence, length), generator=generator)[output]
            asked = log_prob[:, model.history :]
            total, count = total - float(asked.sum()), count + asked.numel() * length * model.dims[output]
        return total / count

    def _batch(self, model: Model, sequence: Mapping[str, np.ndarray], length: int) -> Batch:
        """For a model that remembers, one long window after a history; for others, one window for each prediction."""
        stop = self._start + self._frames
        if model.history:
            positions, firsts = model.history + self._frames, range(self._start - model.history, stop, stop)
        else:
            positions, firsts = 1, range(self._start, stop, length)

        def cut(spans: Mapping[str, Span]) -> dict[str, Tensor]:
            extended = {name: span.extended(positions) for name, span in spans.items()}
            return {
                name: torch.from_numpy(
                    np.stack([sequence[name][first + span.start : first + span.stop] for first in firsts])
                )
                for name, span in extended.items()
            }

        return {"inputs": cut(model.spans), "targets": cut(model.config.target_spans)}
