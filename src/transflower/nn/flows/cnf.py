"""Continuous flows: the frames of a position follow a learned velocity field from data to latents.

Will Grathwohl et al., "FFJORD: free-form continuous dynamics for scalable reversible generative models", 2019,
sections 2 and 3.

Shape letters: B batch, P positions, M both folded together, N frames, D channels, E channels of a position: N D,
K context tokens, C context channels.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from transflower.core.errors import ModelError, OptionsError
from transflower.core.options.ranges import Depth
from transflower.core.seeds import derive_seed
from transflower.nn.autocast import full_precision
from transflower.nn.batch_share import draw_rows
from transflower.nn.flows.base_distributions import BaseConfig, GaussianConfig
from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.composition import Composition
from transflower.nn.flows.flow import Flow
from transflower.nn.flows.norms import ActNormConfig, NormConfig
from transflower.nn.mlp import FilmMLP
from transflower.nn.state import State

_Tensors = tuple[Tensor, ...]
_Derivative = Callable[[Tensor, _Tensors], _Tensors]
_Solver = Callable[[_Derivative, _Tensors, Tensor], _Tensors]


@dataclass(frozen=True, kw_only=True)
class CNFConfig:
    """Velocity fields, and the distribution of the latents."""

    num_steps: Depth = 1
    """Norms and velocity fields, one after the other."""
    width: int = 256
    """Hidden channels of a field's network."""
    blocks: Depth = 2
    """Residual blocks of a field's network."""
    solver: Literal["rk4", "dopri5"] = "rk4"
    """Equal steps of Runge-Kutta; or steps that adapt to the tolerance, by all rows of a batch together."""
    solver_steps: int = 8
    """Solver rk4 only: steps from data to latents. The error of the inverse falls with their fourth power."""
    tolerance: float = 1e-5
    """Solver dopri5 only: largest relative and absolute error of a step."""
    trace: Literal["exact", "hutchinson"] = "exact"
    """How the divergence is found: exactly, at the cost of one gradient a channel, or an unbiased estimate of it by
    one gradient along a random direction. Weights trained by the one work with the other."""
    seed: int = 0
    """Trace hutchinson only: seed of the directions, new ones for each batch of training, else always the same."""
    norm: NormConfig = field(default_factory=ActNormConfig)
    """Normalisation before each field."""
    base: BaseConfig = field(default_factory=GaussianConfig)
    """Distribution of the latents."""

    def __post_init__(self) -> None:
        if min(self.num_steps, self.width, self.solver_steps) < 1 or self.blocks < 0:
            raise OptionsError("cnf needs num_steps, width and solver_steps of at least 1, and blocks of at least 0")
        if not self.tolerance > 0:
            raise OptionsError(f"tolerance must be above 0, got {self.tolerance}")

    def build(self, shape: FlowShape) -> Flow:
        """A flow for frames of ``shape``.

        Raises:
            ModelError: the solvers are not installed.
        """
        parts = [part for step in range(self.num_steps) for part in self._step(shape, step)]
        return Flow(Composition(parts), self.base.build(shape), shape)

    def _step(self, shape: FlowShape, step: int) -> list[Bijection]:
        return [self.norm.build(shape.dim), ContinuousFlow(self, shape, seed=derive_seed(self.seed, "field", step))]


class ContinuousFlow(Bijection):
    """``dx / dt = velocity(x, t, context)`` from data at t = 0 to latents at t = 1.

    Its log-determinant is the integral of the field's divergence. The field starts at zero.
    """

    needs_host = True  # the solver, for the error of its steps
    num_probes: Tensor

    def __init__(self, config: CNFConfig, shape: FlowShape, *, seed: int) -> None:
        super().__init__()
        self.config = config
        self.seed = seed
        self.solve = _solver(config)
        size = shape.length * shape.dim
        self.network = FilmMLP(
            size + 1,
            size,
            shape.context_length * shape.context_dim,
            hidden_dim=config.width,
            blocks=config.blocks,
        )
        nn.init.zeros_(self.network.output.weight)
        nn.init.zeros_(self.network.output.bias)
        self.register_buffer("num_probes", torch.tensor(0))

    def forward(
        self, x: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """With the flow, from 0 to 1."""
        return *self._integrate(x, context, (0.0, 1.0)), None

    def inverse(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], Float[Tensor, "B P"], State]:
        """Against the flow, from 1 to 0."""
        return *self._integrate(z, context, (1.0, 0.0)), None

    def invert(
        self, z: Float[Tensor, "B P N D"], context: Float[Tensor, "B P K C"] | None, state: State = None
    ) -> tuple[Float[Tensor, "B P N D"], State]:
        """Against the flow, without its divergence."""
        rows, seen = _by_position(z, context)

        def derivative(time: Tensor, state: _Tensors) -> _Tensors:
            return (_velocity(self.network, state[0], time, seen),)

        with full_precision(z):
            (ends,) = self.solve(derivative, (rows,), _times(z, 1.0, 0.0))
        return ends[-1].view(z.shape), None

    def _integrate(self, x: Tensor, context: Tensor | None, times: tuple[float, float]) -> tuple[Tensor, Tensor]:
        rows, seen = _by_position(x, context)
        field = _Field(self.network, seen, self._probe(rows), keep_graph=torch.is_grad_enabled())
        with full_precision(x):
            start = (rows, rows.new_zeros(len(rows)))
            ends, log_dets = self.solve(field, start, _times(x, *times))
        return ends[-1].view(x.shape), log_dets[-1].view(x.shape[:2])

    @torch.no_grad()
    def _probe(self, x: Float[Tensor, "M E"]) -> Tensor | None:
        """Random signs; out of training the same for every row, so that rows do not depend on each other."""
        if self.config.trace == "exact":
            return None
        if self.training:
            self.num_probes += 1
        number = int(self.num_probes) if self.training else 0
        generator = torch.Generator().manual_seed(derive_seed(self.seed, "probe", number))

        def draw(shape: tuple[int, ...]) -> Tensor:
            return 2 * torch.randint(0, 2, shape, generator=generator) - 1

        return (draw_rows(draw, x.shape) if self.training else draw(x.shape[1:])).to(x).expand_as(x)


class _Field:
    """Velocity and divergence at a time, as solvers evaluate them."""

    def __init__(self, network: nn.Module, context: Tensor | None, probe: Tensor | None, *, keep_graph: bool) -> None:
        self.network = network
        self.context = context
        self.probe = probe
        self.keep_graph = keep_graph

    def __call__(self, time: Tensor, state: _Tensors) -> _Tensors:
        x = state[0]
        with torch.enable_grad():
            x = x if x.requires_grad else x.detach().requires_grad_()
            velocity = _velocity(self.network, x, time, self.context)
            divergence = self._exact(velocity, x) if self.probe is None else self._estimate(velocity, x, self.probe)
        return (velocity, divergence) if self.keep_graph else (velocity.detach(), divergence.detach())

    def _exact(self, velocity: Float[Tensor, "M E"], x: Float[Tensor, "M E"]) -> Float[Tensor, " M"]:
        diagonal = [self._gradient(velocity[:, i].sum(), x, None)[:, i] for i in range(x.shape[1])]
        return torch.stack(diagonal).sum(0)

    def _estimate(self, velocity: Tensor, x: Tensor, probe: Tensor) -> Float[Tensor, " M"]:
        return (self._gradient(velocity, x, probe) * probe).sum(-1)

    def _gradient(self, output: Tensor, x: Tensor, along: Tensor | None) -> Tensor:
        return torch.autograd.grad(output, x, along, create_graph=self.keep_graph, retain_graph=True)[0]


def _velocity(network: nn.Module, x: Tensor, time: Tensor, context: Tensor | None) -> Float[Tensor, "M E"]:
    return network(torch.cat([x, time.expand(len(x), 1)], dim=-1), context)


def _by_position(x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Each position by itself: frames ``[M, E]`` and context ``[M, KC]``."""
    return x.flatten(2).flatten(0, 1), None if context is None else context.to(x.dtype).flatten(2).flatten(0, 1)


def _times(x: Tensor, start: float, stop: float) -> Tensor:
    return torch.tensor((start, stop), dtype=x.dtype, device=x.device)


def _solver(config: CNFConfig) -> _Solver:
    try:
        from torchdiffeq import odeint
    except ImportError:
        raise ModelError("continuous flows need torchdiffeq: pip install 'transflower[cnf]'") from None

    def solve(field: _Derivative, start: _Tensors, times: Tensor) -> _Tensors:
        if config.solver == "rk4":
            return odeint(field, start, times, method="rk4", options={"step_size": 1 / config.solver_steps})
        return odeint(field, start, times, method="dopri5", rtol=config.tolerance, atol=config.tolerance)

    return solve
