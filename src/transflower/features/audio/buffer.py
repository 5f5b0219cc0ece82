"""Samples that have arrived, under the numbers that they have in the whole stream."""

import numpy as np
from jaxtyping import Float32


class SlidingBuffer:
    """Grows at the end and is forgotten from the start; begins with ``silence`` zeros, the first numbered ``start``."""

    def __init__(self, *, start: int, silence: int) -> None:
        self.start = start
        self._values = np.zeros(silence, np.float32)

    @property
    def stop(self) -> int:
        """Number of the next sample to arrive."""
        return self.start + len(self._values)

    def append(self, values: Float32[np.ndarray, " N"]) -> None:
        """Add what has arrived."""
        self._values = np.concatenate([self._values, values])

    def since(self, index: int) -> Float32[np.ndarray, " N"]:
        """Everything from number ``index`` on."""
        assert index >= self.start, "this has been forgotten"
        return self._values[index - self.start :]

    def forget(self, before: int) -> None:
        """Drop what lies before number ``before``."""
        self._values = self.since(before)
        self.start = before

    def state_dict(self) -> dict[str, np.ndarray]:
        """What is held, as named arrays."""
        return {"start": np.array(self.start), "values": self._values}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Hold exactly what ``state`` says."""
        self.start, self._values = int(state["start"]), np.array(state["values"], np.float32)
