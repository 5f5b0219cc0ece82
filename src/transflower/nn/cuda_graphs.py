"""Functions of tensors as CUDA graphs: all their kernels at one launch."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_WARM_UPS = 3
"""Calls before a capture: libraries initialise in the first one, and choose their kernels."""
_CAPTURING = threading.Lock()


class GraphedFunction(Generic[Result]):
    """A pure function of nested tensors; on a GPU, a CUDA graph for each set of their shapes.

    A frame is hundreds of small kernels, which take longer to launch than to run; a graph launches all of them at once.
    It reads weights at their addresses of the first call. The next call overwrites the result.
    """

    def __init__(self, function: Callable[..., Result]) -> None:
        self._function = function
        self._graphs: dict[tuple[object, ...], Callable[..., Result]] = {}

    def __call__(self, *arguments: Any) -> Result:
        """The function's result."""
        tensors: list[Tensor] = tree_leaves(arguments)
        # Autocast frees the weights that it has cast, which a graph would still read.
        if not all(tensor.is_cuda for tensor in tensors) or torch.is_autocast_enabled("cuda"):
            return self._function(*arguments)
        shapes = tuple((tensor.shape, tensor.dtype) for tensor in tensors)
        if shapes not in self._graphs:
            self._graphs[shapes] = self._captured(arguments)
        return self._graphs[shapes](*arguments)

    def _captured(self, arguments: tuple[Any, ...]) -> Callable[..., Result]:
        try:
            return capture(self._function, arguments)
        except RuntimeError as error:
            # Some kernels cannot be captured; all of them can be launched.
            log.warning("this GPU runs kernel by kernel, which is slower: %s", error)
            return self._function


def capture(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Callable[..., Result]:
    """The same function of tensors of the same shapes, as a CUDA graph.

    Raises:
        RuntimeError: it waits for the device, or does something else that a graph cannot.
    """
    own = tree_map(torch.clone, arguments)
    device, graph = tree_leaves(own)[0].device, torch.cuda.CUDAGraph()
    current, side = torch.cuda.current_stream(device), _side_stream(device)
    # The current stream is named, because a capture that fails leaves its own as the current one.
    with _CAPTURING, torch.cuda.device(device), torch.cuda.stream(current), _without_garbage_collection():
        side.wait_stream(current)
        with torch.cuda.stream(side):
            for _ in range(_WARM_UPS):
                function(*own)
            with _without_waiting():
                function(*own)
        # Other threads, such as those that load data for training, may go on meanwhile.
        with torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local"):
            result = function(*own)
        current.wait_stream(side)

    def replay(*given: Any) -> Result:
        for place, tensor in zip(tree_leaves(own), tree_leaves(given), strict=True):
            place.copy_(tensor)
        graph.replay()
        return result

    return replay


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """One for all captures: libraries keep a workspace for every stream that they are used on."""
    return torch.cuda.Stream(device)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Freeing another graph would break a capture."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Refuse whatever waits for the device, before the capture, which it would break."""
    before = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode(before)
