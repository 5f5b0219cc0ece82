"""Functions of tensors that a GPU runs at one launch."""

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
"""Calls before a capture: libraries set themselves up in the first, and choose their kernels."""
_CAPTURING = threading.Lock()


class Replayed(Generic[Result]):
    """A function of nested tensors that remembers nothing; on a GPU, a CUDA graph for each set of their shapes.

    A frame is hundreds of small kernels, which a host takes longer to launch than a GPU to run; a graph launches all of
    them at once. It reads weights where they lay at the first call. What it returns is overwritten by the next call.
    """

    def __init__(self, function: Callable[..., Result]) -> None:
        self._function = function
        self._graphs: dict[tuple[object, ...], Callable[..., Result]] = {}

    def __call__(self, *arguments: Any) -> Result:
        """The function's result."""
        tensors: list[Tensor] = tree_leaves(arguments)
        # Autocast forgets the weights that it has cast, which a graph would go on to read.
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
            # Not every kernel of every library can be captured; all of them can be launched.
            log.warning("this GPU runs kernel by kernel, which is slower: %s", error)
            return self._function


def capture(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Callable[..., Result]:
    """The same function of tensors of the same shapes, as a CUDA graph.

    Raises:
        RuntimeError: it waits for the device, or does something else that no graph can.
    """
    own = tree_map(torch.clone, arguments)
    device, graph = tree_leaves(own)[0].device, torch.cuda.CUDAGraph()
    present, aside = torch.cuda.current_stream(device), _stream_aside(device)
    # The present stream is named, because a capture that fails leaves its own as the current one.
    with _CAPTURING, torch.cuda.device(device), torch.cuda.stream(present), _without_garbage_collection():
        aside.wait_stream(present)
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                function(*own)
            with _without_waiting():
                function(*own)
        # Other threads, such as those that load data for training, may go on meanwhile.
        with torch.cuda.graph(graph, stream=aside, capture_error_mode="thread_local"):
            result = function(*own)
        present.wait_stream(aside)

    def replay(*given: Any) -> Result:
        for place, tensor in zip(tree_leaves(own), tree_leaves(given), strict=True):
            place.copy_(tensor)
        graph.replay()
        return result

    return replay


@cache
def _stream_aside(device: torch.device) -> torch.cuda.Stream:
    """One for all captures: libraries keep a workspace for every stream that they have seen."""
    return torch.cuda.Stream(device)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """To free another graph would spoil a capture."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _without_waiting() -> Iterator[None]:
    """What waits for the device is refused here, where that does no harm yet."""
    before = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode(before)
