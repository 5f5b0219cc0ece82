"""Labels of live generation: each holds for the frames to come, until another is set.

Shape letters: n frames, D columns.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import OptionsError
from transflower.core.rates import count_frames, count_positions
from transflower.features.labels import parse_timed
from transflower.generation.conditions import can_be_unknown, unknown_row
from transflower.generation.labels import check_labels, check_told, label_conditions, label_rows, with_defaults
from transflower.models import LoadedModel


class LiveLabels:
    """The rows of labels that belong to what else is pushed."""

    def __init__(self, loaded: LoadedModel, labels: Mapping[str, str]) -> None:
        """Begin with some labels; others are unknown.

        Raises:
            OptionsError: the model is given no such label.
            DataError: a label that it has not learnt.
            ModelError: one is missing that it cannot do without.
        """
        self._loaded = loaded
        self._spans = loaded.model.spans
        names = label_conditions(loaded)
        check_labels(loaded, labels)
        labels = with_defaults(loaded, labels)
        check_told(loaded, [name for name in names if name not in labels])
        self._rows = {name: unknown_row(loaded.model, name) for name in names if can_be_unknown(loaded.model, name)}
        self._rows |= {name: self._row(name, text) for name, text in labels.items()}
        self._pushed = dict.fromkeys(loaded.model.conditions, 0)

    @property
    def names(self) -> list[str]:
        """The conditions that are labels."""
        return list(self._rows)

    def set(self, name: str, text: str) -> Shaped[np.ndarray, "n D"] | None:
        """Change a label from the next frame on; returns rows to push at once, where the label has no time."""
        check_labels(self._loaded, {name: text})
        self._rows[name] = self._row(name, text)
        return None if self._has_time(name) else self._rows[name]

    def first(self) -> Iterator[tuple[str, Shaped[np.ndarray, "n D"]]]:
        """Rows to push before anything else."""
        yield from ((name, rows) for name, rows in self._rows.items() if not self._has_time(name))

    def follow(self, name: str, count: int) -> Iterator[tuple[str, Shaped[np.ndarray, "n D"]]]:
        """Rows to push after so many frames of another condition."""
        self._pushed[name] += count
        others = [one for one in self._pushed if one not in self._rows and self._loaded.model.has_time(one)]
        positions = max(count_positions(self._pushed[one], self._spans[one].rate) for one in others)
        for label, rows in self._rows.items():
            if self._has_time(label):
                more = count_frames(positions, self._spans[label].rate) - self._pushed[label]
                self._pushed[label] += max(0, more)
                yield label, np.repeat(rows, max(0, more), axis=0)

    def state_dict(self) -> dict[str, Tensor]:
        """As named tensors."""
        state = {f"row.{name}": torch.from_numpy(rows.copy()) for name, rows in self._rows.items()}
        return state | {f"pushed.{name}": torch.tensor(count) for name, count in self._pushed.items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue where ``state`` was taken."""
        self._rows = {name: state[f"row.{name}"].cpu().numpy() for name in self._rows}
        self._pushed = {name: int(state[f"pushed.{name}"]) for name in self._pushed}

    def _has_time(self, name: str) -> bool:
        return self._loaded.model.has_time(name)

    def _row(self, name: str, text: str) -> Shaped[np.ndarray, "n D"]:
        rows = label_rows(self._loaded, [name], {name: text}, 1)[name]
        if self._has_time(name) and len(parse_timed(text)) > 1:
            raise OptionsError(f"{name}: a live label holds until the next one; give one without seconds")
        return rows
