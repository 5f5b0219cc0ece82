"""How well a model knows the next frame of a real dance, beside guesses that know no dances.

Latents that are autoregressive carry a movement on, whatever the network knows. Where the network alone is farther off
than no change at all, nothing else does: its dances glide, however likely it finds the real ones.

Shape letters: T frames, V columns that are modelled.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float

from transflower.generation.teacher_forcing import evaluated, forced_parts
from transflower.models import LoadedModel
from transflower.nn.noise import NoiseSource, SharedNoise

_WARM_UP = 60
"""Frames until the model knows the dance."""


def next_frame_errors(
    loaded: LoadedModel, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """How far guesses are from the next frame of the motion: the median over frames, in deviations of a column.

    Guesses are the likeliest frame for the model, for its network alone (without what its head remembers), the frame
    before, and that frame moved on as it moved last. At most the positions that are evaluated together are read.
    """
    network = loaded.model
    with evaluated(network):
        part = next(forced_parts(loaded, inputs, outputs))
        prepared = network.prepare_batch(part.batch, SharedNoise(torch.Generator().manual_seed(0)))
        context, previous = network.encoder(prepared.inputs)["motion"], prepared.previous["motion"]
        assert previous is not None
        target, head, noise = prepared.targets["motion"], network.head("motion"), NoiseSource(0, 1)
        alone, _ = head.sample(context, previous, noise=noise, temperature=0.0)
        state, guesses = head.init_state(1), []
        for position in range(len(target[0])):
            here = slice(position, position + 1)
            given = context[:, here], previous[:, here]
            guesses.append(head.sample(*given, state, noise=noise, temperature=0.0)[0][0, 0, 0])
            state = head.remember(target[:, here], *given, state)
    frames, before = target[0, :, 0].numpy(), previous[0].numpy()
    moved_on = 2 * before - np.concatenate([before[:1], before[:-1]])
    found = {"model": torch.stack(guesses).numpy(), "network": alone[0, :, 0].numpy(), "no change": before}
    return {name: _median(guess - frames) for name, guess in {**found, "no acceleration": moved_on}.items()}


def _median(errors: Float[np.ndarray, "T V"]) -> float:
    return float(np.median(np.sqrt(np.mean(errors[_WARM_UP:] ** 2, axis=1))))
