"""Randomness for sampling: one independent stream for each row of a batch.

Row b of everything drawn depends on the seed, on the row's index and on what that row drew before; never on the other
rows, on the batch size, or on the device.

Shape letters: B batch.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from transflower.core.errors import ModelError
from transflower.core.seeds import derive_seed
from transflower.nn.batch_share import draw_rows


@runtime_checkable
class Noise(Protocol):
    """What samplers draw from."""

    def normal(self, shape: Sequence[int], *, like: Tensor) -> Tensor:
        """Standard normals of ``shape`` (batch first), with the dtype and device of ``like``."""
        ...

    def uniform(self, shape: Sequence[int], *, like: Tensor, axis: int = 0) -> Tensor:
        """Uniforms in [0, 1) of ``shape``, whose ``axis`` is the batch, with the dtype and device of ``like``."""
        ...


class NoiseSource:
    """Pseudo-random noise with one generator for each row.

    Drawn in float32 on the CPU, so that every device and precision gets the same numbers.

    Example:
        >>> like = torch.zeros(1)
        >>> alone = NoiseSource(seed=0, rows=1).normal((1, 3), like=like)
        >>> beside = NoiseSource(seed=0, rows=2).normal((2, 3), like=like)
        >>> bool((alone[0] == beside[0]).all())
        True
    """

    def __init__(self, seed: int | Sequence[int], rows: int | Sequence[int]) -> None:
        """A stream for each row.

        Args:
            seed: of all rows, or of each.
            rows: the batch size, or the index of each row. The noise of a row depends on its seed and its index.
        """
        indices = range(rows) if isinstance(rows, int) else rows
        seeds = [seed] * len(indices) if isinstance(seed, int) else seed
        # The word in the seed is data: another one would draw other samples.
        self._generators = [
            torch.Generator().manual_seed(derive_seed(one, "dancer", index))
            for one, index in zip(seeds, indices, strict=True)
        ]

    def normal(self, shape: Sequence[int], *, like: Tensor) -> Tensor:
        """Standard normals of ``shape`` (batch first), with the dtype and device of ``like``."""
        self._check_batch(shape)
        rows = [torch.randn(tuple(shape[1:]), generator=generator) for generator in self._generators]
        return torch.stack(rows).to(like)

    def uniform(self, shape: Sequence[int], *, like: Tensor, axis: int = 0) -> Tensor:
        """Uniforms in [0, 1) of ``shape``, whose ``axis`` is the batch, with the dtype and device of ``like``."""
        self._check_batch(shape[axis:])
        of_row = (*shape[:axis], *shape[axis + 1 :])
        return torch.stack([torch.rand(of_row, generator=one) for one in self._generators], axis).to(like)

    def state_dict(self) -> dict[str, Tensor]:
        """The generators' states, one row each."""
        return {"generators": torch.stack([generator.get_state() for generator in self._generators])}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken.

        Raises:
            ModelError: the state is of another batch size.
        """
        states = state["generators"]
        self._check_batch(states.shape)
        for generator, row in zip(self._generators, states, strict=True):
            # A copy: torch 2.13 crashes on a state that is a view into another tensor.
            generator.set_state(row.clone())

    def _check_batch(self, shape: Sequence[int]) -> None:
        if shape[0] != len(self._generators):
            raise ModelError(
                f"noise for {shape[0]} rows was asked of a source made for {len(self._generators)}; "
                "make one NoiseSource with a stream for each row of the batch"
            )


class SharedNoise:
    """Pseudo-random noise of all rows from one generator on their device, by default torch's own: for training.

    In a batch that several processes share (``batch_share``), they are the rows of this one.

    Example:
        >>> noise = SharedNoise(torch.Generator().manual_seed(0))
        >>> noise.normal((2, 3), like=torch.zeros(1)).shape
        torch.Size([2, 3])
    """

    def __init__(self, generator: torch.Generator | None) -> None:
        self._generator = generator

    def normal(self, shape: Sequence[int], *, like: Tensor) -> Tensor:
        """Standard normals of ``shape``, with the dtype and device of ``like``."""
        return draw_rows(partial(torch.randn, generator=self._generator, device=like.device, dtype=like.dtype), shape)

    def uniform(self, shape: Sequence[int], *, like: Tensor, axis: int = 0) -> Tensor:
        """Uniforms in [0, 1) of ``shape``, whose ``axis`` is the batch, with the dtype and device of ``like``."""
        draw = partial(torch.rand, generator=self._generator, device=like.device, dtype=like.dtype)
        return draw_rows(draw, shape, axis)


class GivenNoise:
    """Given noise: each draw takes the next tensor; its distribution is not checked.

    Example:
        >>> noise = GivenNoise([torch.ones(2, 1), torch.zeros(2, 1)])
        >>> [noise.normal((2, 1), like=torch.zeros(1)).flatten().tolist() for _ in range(2)]
        [[1.0, 1.0], [0.0, 0.0]]
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)

    def normal(self, shape: Sequence[int], *, like: Tensor) -> Tensor:
        """The next given tensor."""
        return self._next(shape).to(like)

    def uniform(self, shape: Sequence[int], *, like: Tensor, axis: int = 0) -> Tensor:
        """The next given tensor."""
        return self._next(shape).to(like)

    def _next(self, shape: Sequence[int]) -> Tensor:
        if not self._tensors:
            raise ModelError(f"all given noise is used up, a draw of shape {list(shape)} is left over; give one more")
        tensor = self._tensors.pop(0)
        if tensor.shape != torch.Size(shape):
            raise ModelError(f"given noise has shape {list(tensor.shape)}, the sampler draws {list(shape)}")
        return tensor


class RecordedNoise:
    """Noise of another source that records the draws, so that as many can be repeated."""

    def __init__(self, source: Noise) -> None:
        self._source = source
        self._draws: list[tuple[str, tuple[int, ...], Tensor]] = []

    def normal(self, shape: Sequence[int], *, like: Tensor) -> Tensor:
        """Standard normals of the source."""
        return self._draw("normal", tuple(shape), like)

    def uniform(self, shape: Sequence[int], *, like: Tensor, axis: int = 0) -> Tensor:
        """Uniforms of the source; a sampler draws batch first."""
        assert not axis
        return self._draw("uniform", tuple(shape), like)

    def repeat(self, source: Noise) -> list[Tensor]:
        """The next draws of the same shapes and distributions, for ``GivenNoise``."""
        return [getattr(source, kind)(shape, like=like) for kind, shape, like in self._draws]

    def _draw(self, kind: str, shape: tuple[int, ...], like: Tensor) -> Tensor:
        self._draws.append((kind, shape, like.new_empty(0)))
        drawn: Tensor = getattr(self._source, kind)(shape, like=like)
        return drawn
