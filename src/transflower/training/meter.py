"""Running means of figures, read off the device only when they are asked for."""

from collections import Counter
from collections.abc import Mapping

from torch import Tensor


class Meter:
    """Adds up figures until they are taken."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: Counter[str] = Counter()

    def add(self, figures: Mapping[str, Tensor]) -> None:
        """Note some figures."""
        for name, value in figures.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._counts.update(figures.keys())

    def means(self) -> dict[str, float]:
        """Means since the last time they were taken."""
        return {name: float(value) / self._counts[name] for name, value in self._sums.items()}

    def take(self) -> dict[str, float]:
        """The means; start anew."""
        means = self.means()
        self._sums, self._counts = {}, Counter()
        return means
