"""Class indices, drawn by their probabilities.

As other heads predict how a frame changes, this one knows the class of the frame before: it holds with a probability of
its own, so that a model which has learnt nothing yet keeps a class for a while.

Shape letters: B batch, P positions, N frames of one prediction, D columns of indices, K context tokens,
C context channels, M classes.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from transflower.core.options.ranges import Part
from transflower.core.spans import Kind, StreamSpec
from transflower.models.heads.base import Head, HeadConfig
from transflower.models.heads.readout import Readout
from transflower.models.heads.sampling_options import HeadSamplingOptions
from transflower.nn.noise import Noise
from transflower.nn.state import State

_FRAMES_HELD = 30
"""About how long a class is kept before anything is learnt."""


@dataclass(frozen=True, kw_only=True)
class CategoricalSamplingOptions(HeadSamplingOptions):
    """Which classes are drawn."""

    top_p: Part = 1.0
    """Draw among the likeliest classes alone, as few as together have this probability (Holtzman et al., "The curious
    case of neural text degeneration", 2020)."""


@HeadConfig.registry.register("categorical")
@dataclass(frozen=True, kw_only=True)
class CategoricalHeadConfig(HeadConfig):
    """Probabilities of classes, given the class of the frame before."""

    kinds: ClassVar[tuple[Kind, ...]] = ("categorical",)

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """The head."""
        self.check_kind(target.kind)
        return CategoricalHead(target, length=length, context_dim=context_dim, context_length=context_length)


class CategoricalHead(Head):
    """A softmax over the classes of every column, which are independent given the context.

    The logit of the class of the frame before, where it is known, is raised by as much as the context says.

    Example:
        >>> from transflower.nn.noise import NoiseSource
        >>> target = StreamSpec(dim=1, kind="categorical", num_classes=5)
        >>> head = CategoricalHeadConfig().build(target=target, length=1, context_dim=4, context_length=1)
        >>> context, previous = torch.zeros(1, 3, 1, 4), torch.tensor([[[2], [2], [4]]])
        >>> head.sample(context, previous, noise=NoiseSource(seed=0, rows=1), temperature=0.0)[0].flatten().tolist()
        [2, 2, 4]
    """

    SampleOptions = CategoricalSamplingOptions

    def __init__(self, target: StreamSpec, *, length: int, context_dim: int, context_length: int) -> None:
        """A head for ``length`` frames of ``target``, given ``context_length`` tokens of ``context_dim`` channels."""
        super().__init__()
        self.num_classes = target.num_classes
        context = (context_length, context_dim)
        self.logits = Readout("linear", context=context, output=(length, target.dim * target.num_classes))
        self.hold = Readout("linear", context=context, output=(length, target.dim))
        nn.init.constant_(self.hold.network.output.bias, math.log(_FRAMES_HELD * self.num_classes))

    def loss(
        self,
        target: Int[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Int[Tensor, "B P D"] | None,
        *,
        noise: Noise,
    ) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """Cross-entropy in nats per column, logged as ``nll``."""
        nll = -self._log_probs(context, previous).gather(-1, target.unsqueeze(-1)).mean()
        return nll, {"nll": nll.detach()}

    def sample(
        self,
        context: Float[Tensor, "B P K C"],
        previous: Int[Tensor, "B P D"] | None,
        state: State = None,
        *,
        noise: Noise,
        temperature: float = 1.0,
        options: HeadSamplingOptions | None = None,
        null_context: Float[Tensor, "B P K C"] | None = None,
    ) -> tuple[Int[Tensor, "B P N D"], State]:
        """Draw a class for every column; temperature 0 gives the likeliest."""
        log_probs = self._log_probs(context, previous)
        if temperature == 0:
            return log_probs.argmax(-1), state
        top_p = options.top_p if isinstance(options, CategoricalSamplingOptions) else 1.0
        cumulated = _likeliest((log_probs / temperature).softmax(-1), top_p).cumsum(-1)
        draws = noise.uniform(cumulated.shape[:-1], like=cumulated).unsqueeze(-1)
        # Scaled to the last sum, which rounding keeps from being 1.
        return (cumulated <= draws * cumulated[..., -1:]).sum(-1).clamp_max(self.num_classes - 1), state

    def _log_density(
        self,
        target: Int[Tensor, "B P N D"],
        context: Float[Tensor, "B P K C"],
        previous: Int[Tensor, "B P D"] | None,
        state: State,
    ) -> tuple[Float[Tensor, "B P"], State]:
        """Log probability in nats, summed over the frames and columns of a position."""
        return self._log_probs(context, previous).gather(-1, target.unsqueeze(-1)).sum((-1, -2, -3)), state

    def _log_probs(self, context: Tensor, previous: Tensor | None) -> Float[Tensor, "B P N D M"]:
        logits = self.logits(context).unflatten(-1, (-1, self.num_classes))
        if previous is not None:
            classes = torch.arange(self.num_classes, device=previous.device)
            is_held = previous[:, :, None, :, None] == classes
            logits = logits + self.hold(context).unsqueeze(-1) * is_held
        return F.log_softmax(logits, dim=-1)


def _likeliest(probs: Float[Tensor, "*shape M"], top_p: float) -> Float[Tensor, "*shape M"]:
    """Probabilities with 0 for all but the likeliest classes that together have ``top_p``; they need not sum to 1."""
    if top_p >= 1:
        return probs
    ordered, classes = probs.sort(-1, descending=True)
    is_kept = ordered.cumsum(-1) - ordered < top_p
    is_kept[..., 0] = True
    return probs * torch.zeros_like(is_kept).scatter(-1, classes, is_kept)
