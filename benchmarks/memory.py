"""Memory that a training step holds on to: counted, because what a process takes depends on what ran before."""

from collections.abc import Callable, Iterable

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks


def kept_bytes(work: Callable[[], object], *, weights: Iterable[Tensor]) -> int:
    """Bytes that ``work`` keeps from its forward for its backward pass, besides ``weights``."""
    known = {weight.untyped_storage().data_ptr() for weight in weights}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        work()
    return sum(kept.values())
