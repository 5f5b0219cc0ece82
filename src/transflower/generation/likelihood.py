"""How likely a dance is, frame by frame: the log density of what was drawn, given its song and its past.

Shape letters: T frames, S frames of a prompt, D columns on disk.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32, Shaped

from transflower.core.seeds import derive_seed
from transflower.generation.teacher_forcing import ForcedPart, evaluated, forced_parts
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel


def frame_log_likelihood(
    model: LoadedModel | SequenceModel,
    inputs: Mapping[str, np.ndarray],
    drawn: Mapping[str, Shaped[np.ndarray, "T D"]],
    *,
    prompt: Mapping[str, Shaped[np.ndarray, "S D"]] | None = None,
    seed: int = 0,
) -> dict[str, Float32[np.ndarray, " T"]]:
    """Log density of each frame in nats per dimension of standardised features, for each continuous output.

    A frame that the model predicts together with others counts with the first of them. Where a causal model reads far
    back, it reads what a window of so many frames in training holds, and no more.

    Args:
        model: of which the density is. Only one that was loaded knows how silence looks in its features.
        inputs: each condition, as ``generate`` takes them.
        drawn: every output from frame 0 on, as on disk; a dance of a person will do as well.
        prompt: output -> the frames before frame 0; by default the mean, as in generation.
        seed: of the noise on targets.

    Raises:
        ModelError: the model has no density, or arrays do not fit it.
    """
    network = model.model if isinstance(model, LoadedModel) else model
    generator = torch.Generator(network.device).manual_seed(derive_seed(seed, "likelihood"))
    found: dict[str, list[np.ndarray]] = {
        name: [] for name, window in network.config.outputs.items() if window.kind == "continuous"
    }
    first: int | None = None
    with evaluated(network):
        for part in forced_parts(model, inputs, drawn, prompt=prompt):
            first = part.positions.start if first is None else first
            for name, values in _evaluate(network, part, generator).items():
                if name in found:
                    found[name].append(values)
    assert first is not None
    num_frames = min(map(len, drawn.values()))
    skipped = {name: -network.config.target_spans[name].start - first for name in found}
    return {name: np.concatenate(rows)[skipped[name] :][:num_frames] for name, rows in found.items()}


def _evaluate(model: SequenceModel, part: ForcedPart, generator: torch.Generator) -> dict[str, np.ndarray]:
    found = model.log_prob(part.batch, generator=generator)
    sizes = {name: model.dims[name] * model.config.outputs[name].length for name in found}
    return {name: (value[0, part.num_skipped :] / sizes[name]).float().cpu().numpy() for name, value in found.items()}
