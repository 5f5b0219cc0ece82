"""What this machine can do at most, with as many threads as torch is set to use."""

import time
from collections.abc import Callable
from functools import cache

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import Clock, best_seconds

_FLOAT_BYTES = 4


@cache
def flops_per_second(clock: Clock = time.perf_counter) -> float:
    """Of a large matrix product in float32."""
    matrix = torch.randn(1536, 1536)
    return 2 * 1536**3 / best_seconds(lambda: matrix @ matrix, budget=0.5, clock=clock)


@cache
def bytes_per_second(num_bytes: int) -> float:
    """Of products of one vector with as many matrices as hold ``num_bytes``: from the caches, if they fit there."""
    matrices = [torch.randn(1024, 1024) for _ in range(max(1, num_bytes // (_FLOAT_BYTES * 1024**2)))]
    vector = torch.randn(1024)

    def read_all() -> None:
        for matrix in matrices:
            torch.mv(matrix, vector)

    return _FLOAT_BYTES * 1024**2 * len(matrices) / best_seconds(read_all, budget=0.5)


def floor_seconds(work: Callable[[], object], *, num_bytes: int) -> float:
    """The least that ``work`` can take: for its matrix products, or for reading ``num_bytes`` of weights once."""
    return max(count_flops(work) / flops_per_second(), num_bytes / bytes_per_second(num_bytes))


def count_flops(work: Callable[[], object]) -> float:
    """Floating point operations of the matrix products in ``work``."""
    # Only this way of computing attention is made of products that the counter sees.
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        work()
    return counter.get_total_flops()
