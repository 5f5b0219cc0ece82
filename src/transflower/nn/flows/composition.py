"""Bijections one after the other."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.nn.flows.bijection import Bijection
from transflower.nn.flows.fusion import FusedAffine
from transflower.nn.state import State, prefixed, under

_Step = Callable[[Tensor, Tensor | None, State], tuple[Tensor, Tensor, State]]


class Composition(Bijection):
    """The composition of ``steps``; of none, the identity.

    Example:
        >>> from transflower.nn.flows.linears import Permutation
        >>> turn = Permutation(torch.tensor([1, 2, 0]))
        >>> Composition([turn, turn])(torch.tensor([[[[1.0, 2.0, 3.0]]]]), None)[0].flatten().tolist()
        [3.0, 1.0, 2.0]
    """

    def __init__(self, steps: Iterable[Bijection] = ()) -> None:
        super().__init__()
        self.steps = nn.ModuleDict({str(index): step for index, step in enumerate(steps)})

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """All steps, first to last."""
        return _run([(name, step) for name, step in self._named()], x, context, state)

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """All inverses, last to first."""
        return _run([(name, step.inverse) for name, step in reversed(self._named())], z, context, state)

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """All inverses, last to first."""
        after: dict[str, Tensor] = {}
        for name, step in reversed(self._named()):
            z, step_state = step.invert(z, context, under(f"{name}.", state) or None)
            after |= prefixed(f"{name}.", step_state)
        return z, after or None

    @torch.no_grad()
    def initialise(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None
    ) -> Float[Tensor, "B P N D"]:
        """Each step from the latents of the steps before it."""
        for _, step in self._named():
            x = step.initialise(x, context)
        return x

    def init_state(self, batch_size: int) -> State:
        """The states of all steps, under the number of each."""
        state: dict[str, Tensor] = {}
        for name, step in self._named():
            state |= prefixed(f"{name}.", step.init_state(batch_size))
        return state or None

    @property
    def affine_dim(self) -> int | None:
        """That of the steps, where all are affine."""
        dims = {step.affine_dim for _, step in self._named()}
        return dims.pop() if len(dims) == 1 else None

    def fuse(self) -> None:
        """Fuse successive affine steps; the others keep their names, and so do their states."""
        for dim, run in groupby(self._named(), key=lambda named: named[1].affine_dim):
            affine = list(run)
            if dim is not None and len(affine) > 1:
                names, steps = zip(*affine, strict=True)
                self.steps[names[0]] = FusedAffine(Composition(steps), dim)
                for name in names[1:]:
                    self.steps.pop(name)

    def _named(self) -> list[tuple[str, Bijection]]:
        return [(name, cast("Bijection", step)) for name, step in self.steps.items()]


def _run(
    steps: list[tuple[str, _Step]], x: Tensor, context: Tensor | None, state: State
) -> tuple[Tensor, Tensor, State]:
    log_det = x.new_zeros(x.shape[:2])
    after: dict[str, Tensor] = {}
    for name, step in steps:
        x, step_log_det, step_state = step(x, context, under(f"{name}.", state) or None)
        log_det = log_det + step_log_det
        after |= prefixed(f"{name}.", step_state)
    return x, log_det, after or None
