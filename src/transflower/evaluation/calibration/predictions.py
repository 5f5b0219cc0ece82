"""What a model says of the next frame of a recording, given its true past: ranks of the truth, and its latents.

Shape letters: S samples, P positions, n chosen positions, N frames of a prediction, V columns that are modelled,
K context tokens, C context channels, W numbers of a latent, G temperatures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from transflower.core.seeds import derive_seed, generator
from transflower.evaluation.calibration.scores import rank_uniform
from transflower.generation.recordings import ModelledRecording
from transflower.generation.teacher_forcing import ForcedPart, evaluated, forced_parts
from transflower.generation.true_states import true_states
from transflower.models import LoadedModel
from transflower.models.heads import Head
from transflower.models.heads.flow import FlowHead
from transflower.models.sequence_model import Prepared, SequenceModel
from transflower.nn.noise import SharedNoise
from transflower.nn.state import State

_MAX_ROWS = 2048
"""Rows that are drawn at a time."""
SCALES = np.geomspace(0.125, 32.0, 193)
"""Temperatures at which the likelihood of latents is computed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Latents:
    """What a flow makes of the true frames: noise of its base, where the model is right."""

    uniform: Float[np.ndarray, "P W"]
    """The base's distribution function of each number."""
    mean_square: float
    """Of all numbers: 1 for a Gaussian base."""
    scale_log_prob: Float[np.ndarray, " G"]
    """Mean log density of a latent under the base with each of ``SCALES`` as its temperature, in nats per number."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Of one recording."""

    ranks: Float[np.ndarray, "G n V"]
    """The rank of the true frame among samples, from 0 to 1, in each column, at each temperature."""
    latents: Latents | None
    """None where the head is no flow."""


def predict(
    loaded: LoadedModel,
    recording: ModelledRecording,
    output: str,
    *,
    positions: int,
    samples: int,
    temperatures: Sequence[float] = (1.0,),
    seed: int = 0,
) -> Predictions:
    """Draw the next frame at some positions of a recording, evenly over it.

    The truth has the noise on targets that the model was trained with, which its samples have too.

    Raises:
        ModelError: arrays do not fit the model.
    """
    model, frames = loaded.model, recording.outputs[output]
    start = model.config.target_spans[output].start
    chosen = {round(one) - start for one in np.linspace(1, len(frames) - 1, min(positions, len(frames) - 1))}
    noise = SharedNoise(torch.Generator(model.device).manual_seed(derive_seed(seed, "predictions")))
    ranks: list[np.ndarray] = []
    latents: list[Latents] = []
    with evaluated(model):
        for part in forced_parts(loaded, recording.inputs, recording.outputs):
            prepared = model.prepare_batch(part.batch, noise)
            context = model.encoder(prepared.inputs)[output]
            view = _View(model, output, prepared, context, noise)
            wanted = [index for index, one in _counted(part) if one in chosen]
            if wanted:
                ranks.append(view.ranks(wanted, samples, temperatures, generator(seed, "ranks", part.positions.start)))
            whole = [index for index, one in _counted(part) if 0 <= one + start <= len(frames) - view.length]
            if isinstance(view.head, FlowHead) and whole:
                latents.append(view.latents(view.head, whole))
    return Predictions(ranks=np.concatenate(ranks, axis=1), latents=_joined(latents) if latents else None)


def _counted(part: ForcedPart) -> list[tuple[int, int]]:
    """Index in the window, and position, of the positions that count."""
    return list(enumerate(part.positions, start=part.num_skipped))


class _View:
    """One window of a recording, as the head of one output sees it."""

    def __init__(
        self, model: SequenceModel, output: str, prepared: Prepared, context: Tensor, noise: SharedNoise
    ) -> None:
        self.head: Head = model.head(output)
        self.length = model.config.outputs[output].length
        self._model, self._output, self._noise = model, output, noise
        self._target, self._context = prepared.targets[output], context
        self._previous = prepared.previous.get(output)

    def ranks(
        self, wanted: Sequence[int], samples: int, temperatures: Sequence[float], generator: np.random.Generator
    ) -> Float[np.ndarray, "G n V"]:
        """Ranks at some positions."""
        states = true_states(self.head, self._target, self._context, self._previous, wanted)
        found: list[list[np.ndarray]] = [[] for _ in temperatures]
        size = max(1, _MAX_ROWS // samples)
        for first in range(0, len(wanted), size):
            part = slice(first, first + size)
            truth = self._target[0, wanted[part], 0].double().cpu().numpy()
            state = None if states is None else {name: rows[part] for name, rows in states.items()}
            for ranks, temperature in zip(found, temperatures, strict=True):
                drawn = self._draw(wanted[part], state, samples, temperature)
                ranks.append(rank_uniform(drawn.double().cpu().numpy(), truth, generator))
        return np.stack([np.concatenate(ranks) for ranks in found])

    def latents(self, head: FlowHead, wanted: Sequence[int]) -> Latents:
        """Of the successive positions ``wanted``; the ones before them give recurrent parts their state."""
        z, _ = head.latents(self._target, self._context, self._previous)
        z, context = z[:, wanted], self._context[:, wanted]
        base, size = head.flow.base, z.shape[2] * z.shape[3]
        uniform = base.cdf(z, context).flatten(2)[0]
        log_probs = [float(base.log_prob(z / scale, context).mean()) / size - np.log(scale) for scale in SCALES]
        return Latents(
            uniform=uniform.double().cpu().numpy(),
            mean_square=float(z.double().square().mean()),
            scale_log_prob=np.array(log_probs),
        )

    def _draw(self, wanted: Sequence[int], states: State, samples: int, temperature: float) -> Float[Tensor, "n S V"]:
        """The first frame of each prediction."""

        def repeated(rows: Tensor) -> Tensor:
            return rows.repeat_interleave(samples, dim=0)

        frames, _ = self.head.sample(
            repeated(self._context[0, wanted].unsqueeze(1)),
            None if self._previous is None else repeated(self._previous[0, wanted].unsqueeze(1)),
            None if states is None else {name: repeated(rows) for name, rows in states.items()},
            noise=self._noise,
            temperature=temperature,
        )
        drawn = self._model.clamp_drawn(self._output, frames[:, 0])
        return drawn[:, 0].unflatten(0, (-1, samples))


def _joined(parts: Sequence[Latents]) -> Latents:
    weights = np.array([len(part.uniform) for part in parts], float)
    return Latents(
        uniform=np.concatenate([part.uniform for part in parts]),
        mean_square=float(np.average([part.mean_square for part in parts], weights=weights)),
        scale_log_prob=np.average([part.scale_log_prob for part in parts], axis=0, weights=weights),
    )
