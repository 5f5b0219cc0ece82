"""Remembers what was computed from tensors for as long as they do not change."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_Stamp = tuple[torch.device, torch.dtype, int, int]


class PerVersion:
    """A tensor computed from others, computed anew once one of them has been written to, moved or replaced.

    Every write counts up a tensor's version (only one through ``.data`` does not). Reading that waits for no device.
    """

    def __init__(self) -> None:
        self._sources: list[Tensor] = []
        self._stamps: list[_Stamp] = []
        self._value: Tensor | None = None

    def get(self, sources: Sequence[Tensor], compute: Callable[[], Tensor]) -> Tensor:
        """What ``compute`` makes of ``sources``; it is only called again if they have changed."""
        stamps = [_stamp(source) for source in sources]
        if self._value is None or stamps != self._stamps:
            # Held on to, so that no other tensor can come to lie at the same address.
            self._sources = [source.detach() for source in sources]
            self._stamps = stamps
            self._value = compute()
        return self._value


def _stamp(tensor: Tensor) -> _Stamp:
    return tensor.device, tensor.dtype, tensor.data_ptr(), tensor._version
