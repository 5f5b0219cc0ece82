"""How likely each group of columns of a dance is, frame by frame, given all else.

A flow has no marginal density of some of its columns in closed form. But a ratio of conditional densities is exact:
p(group | other columns, past, inputs) at its values, over that at other values, is the ratio of two densities of whole
frames. The other values are those of the frame that the model finds most usual there (temperature 0). So the
log-likelihood of a group is what the frame's log density changes by where the group takes those values instead of its
own, per dimension of the group: 0 for a group that does what is most usual, below 0 for others.

The same numbers of frames that the model draws at the same places say what is typical.

Shape letters: T frames, P positions, S frames of a prompt, D columns on disk, N frames of a prediction, V columns that
are modelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from transflower.core.seeds import derive_seed
from transflower.generation.teacher_forcing import ForcedPart, evaluated, forced_parts
from transflower.generation.true_states import true_states
from transflower.models import LoadedModel
from transflower.models.heads import Head
from transflower.models.scaling import TargetScaling
from transflower.models.sequence_model import SequenceModel
from transflower.nn.noise import SharedNoise

Frames = Float[np.ndarray, " T"]
_WHOLE = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupLikelihood:
    """Log-likelihoods of every frame, in nats per dimension."""

    whole: Frames
    """Of the frame, as ``frame_log_likelihood`` gives it."""
    typical: Frames
    """Of a frame that the model draws there instead."""
    groups: Mapping[str, Frames]
    """Of each group, beside its most usual values."""
    typical_groups: Mapping[str, Frames]
    """The same of the frame that the model draws."""
    dims: Mapping[str, int]
    """Columns of each group that vary."""

    @property
    def surprise(self) -> Frames:
        """Nats per dimension by which a frame is less likely than one that the model draws there."""
        return self.typical - self.whole

    @property
    def group_surprise(self) -> dict[str, Frames]:
        """The same of each group."""
        return {name: self.typical_groups[name] - values for name, values in self.groups.items()}


def group_log_likelihood(
    model: LoadedModel | SequenceModel,
    inputs: Mapping[str, np.ndarray],
    outputs: Mapping[str, Shaped[np.ndarray, "T D"]],
    groups: Mapping[str, Sequence[int]],
    *,
    output: str,
    prompt: Mapping[str, Shaped[np.ndarray, "S D"]] | None = None,
    seed: int = 0,
) -> GroupLikelihood:
    """Log-likelihoods of the frames of one continuous output, and of groups of its columns.

    Args:
        model: of which the density is.
        inputs: each condition, as ``generate`` takes them.
        outputs: every output from frame 0 on, as on disk.
        groups: name -> columns on disk; those that do not vary in the model's data are left out.
        output: which output.
        prompt: output -> the frames before frame 0; by default the mean, as in generation.
        seed: of the noise on targets, and of the frames that are drawn.

    Raises:
        ModelError: the model has no density, or arrays do not fit it.
    """
    network = model.model if isinstance(model, LoadedModel) else model
    scaling = network.scaling(output)
    assert isinstance(scaling, TargetScaling)
    place = {column: index for index, column in enumerate(scaling.varying.tolist())}
    chosen = {name: [place[column] for column in columns if column in place] for name, columns in groups.items()}
    chosen = {name: columns for name, columns in chosen.items() if columns}
    generator = torch.Generator(network.device).manual_seed(derive_seed(seed, "likelihood"))
    drawing = torch.Generator(network.device).manual_seed(derive_seed(seed, "typical"))
    parts: list[dict[str, np.ndarray]] = []
    first: int | None = None
    with evaluated(network):
        for part in forced_parts(model, inputs, outputs, prompt=prompt):
            first = part.positions.start if first is None else first
            parts.append(_evaluate(network, part, output, chosen, (generator, drawing)))
    assert first is not None
    skipped = -network.config.target_spans[output].start - first
    count = min(map(len, outputs.values()))
    found = {name: np.concatenate([one[name] for one in parts])[skipped:][:count] for name in parts[0]}
    return GroupLikelihood(
        whole=found["own"],
        typical=found["drawn"],
        groups={name: found[f"own {name}"] for name in chosen},
        typical_groups={name: found[f"drawn {name}"] for name in chosen},
        dims={name: len(columns) for name, columns in chosen.items()},
    )


def _evaluate(
    model: SequenceModel,
    part: ForcedPart,
    output: str,
    groups: Mapping[str, Sequence[int]],
    generators: tuple[torch.Generator, torch.Generator],
) -> dict[str, np.ndarray]:
    prepared = model.prepare_batch(part.batch, SharedNoise(generators[0]))
    context = model.encoder(prepared.inputs)[output]
    at = _Positions(model.head(output), prepared.targets[output], context, prepared.previous.get(output))
    usual = at.draw(SharedNoise(generators[1]), temperature=0.0)
    frames = {"own": at.target, "drawn": at.draw(SharedNoise(generators[1]), temperature=1.0)}
    found: dict[str, Tensor] = {}
    for name, values in frames.items():
        whole = at.log_prob(values)
        found[name] = whole / values[0].numel()
        for group, columns in groups.items():
            replaced = values.clone()
            replaced[..., columns] = usual[..., columns]
            found[f"{name} {group}"] = (whole - at.log_prob(replaced)) / replaced[0, ..., columns].numel()
    return {name: values[part.num_skipped :].float().cpu().numpy() for name, values in found.items()}


class _Positions:
    """The positions of a window as rows of a batch, each with the state of the head after the true past."""

    def __init__(
        self,
        head: Head,
        target: Float[Tensor, "1 P N V"],
        context: Float[Tensor, "1 P _ _"],
        previous: Float[Tensor, "1 P V"] | None,
    ) -> None:
        self._head = head
        self.target: Float[Tensor, "P 1 N V"] = target.transpose(0, 1)
        self._context = context.transpose(0, 1)
        self._previous = None if previous is None else previous.transpose(0, 1)
        self._state = true_states(head, target, context, previous, range(target.shape[1]))

    def log_prob(self, target: Float[Tensor, "P 1 N V"]) -> Float[Tensor, " P"]:
        """Log density of other frames at each position, all others before being as they were."""
        return self._head.log_prob(target, self._context, self._previous, self._state)[0][:, 0]

    def draw(self, noise: SharedNoise, *, temperature: float) -> Float[Tensor, "P 1 N V"]:
        """Frames that the head draws at each position."""
        return self._head.sample(self._context, self._previous, self._state, noise=noise, temperature=temperature)[0]
