"""A published state dictionary, read name by name, so that nothing in it is overlooked."""

import math
import re
from collections.abc import Mapping

from torch import Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.listing import name_some

_MOST_NAMED = 20
_WIDTHS = ("dins", "douts", "din", "dout", "dhid", "input_lengths", "output_lengths", "input_length", "cond_dim")
_COUNTS = ("num_layers", "glow_K", "scales")
_NUMBER, _MOST_DIGITS = re.compile(r"\d+"), 15

Settings = Mapping[str, object]
"""Constructor arguments or options under their published names."""


class Weights:
    """The tensors whose names start with ``prefix``."""

    def __init__(self, tensors: Mapping[str, Tensor], prefix: str = "", taken: set[str] | None = None) -> None:
        self._tensors = tensors
        self._prefix = prefix
        self._taken = set() if taken is None else taken

    def within(self, prefix: str) -> "Weights":
        """Those below ``prefix``; what is taken from them counts here too."""
        return Weights(self._tensors, self._prefix + prefix, self._taken)

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name, or any below it."""
        whole = self._prefix + name
        return any(known == whole or known.startswith(f"{whole}.") for known in self._tensors)

    def take(self, name: str) -> Tensor:
        """A tensor.

        Raises:
            ModelError: there is none of this name.
        """
        whole = self._prefix + name
        if whole not in self._tensors:
            raise ModelError(f"the published weights lack {whole!r}; their settings are of another model")
        self._taken.add(whole)
        return self._tensors[whole]

    def count(self, prefix: str) -> int:
        """How many consecutive numbers, from 0, follow ``prefix`` in the names."""
        number = 0
        while f"{prefix}{number}" in self:
            number += 1
        return number

    def check_all_taken(self) -> None:
        """Refuse weights that no module of ours has a place for.

        Raises:
            ModelError: naming them, or the first where there are many.
        """
        left = sorted(self._tensors.keys() - self._taken)
        if left:
            raise ModelError(
                f"{len(left)} of the published weights have no place in the model that their settings describe: "
                f"{name_some(left, most=_MOST_NAMED)}"
            )


def check_sizes(settings: Settings, state: Mapping[str, Tensor]) -> None:
    """Refuse settings of a far larger model than ``state`` is of, before it is built.

    Raises:
        ModelError: a width or a number of layers has no weights.
    """
    for names, most in ((_WIDTHS, sum(tensor.numel() for tensor in state.values())), (_COUNTS, len(state))):
        for name in names:
            if any(
                len(digits) > _MOST_DIGITS or int(digits) > most for digits in _NUMBER.findall(str(settings.get(name)))
            ):
                raise ModelError(f"the published setting {name} is of a far larger model than these weights")


def fill(module: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load ``state`` into ``module``, of which every parameter must be given; other buffers stay.

    Raises:
        ModelError: a shape differs, or parameters are missing.
    """
    missing = sorted({name for name, _ in module.named_parameters()} - state.keys())
    if missing:
        raise ModelError(f"the published weights say nothing of {missing[0]!r}; their settings are of another model")
    try:
        module.load_state_dict(module.state_dict() | dict(state))
    except RuntimeError as error:
        raise ModelError(f"the published weights do not fit their settings: {error}") from error


def below(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors as parts of a larger module."""
    return {f"{prefix}.{name}": value for name, value in state.items()}


def linear(name: str, weights: Weights) -> dict[str, Tensor]:
    """Weight and bias of a linear map."""
    return {part: weights.take(f"{name}.{part}") for part in ("weight", "bias")}


def text(settings: Settings, name: str, default: str) -> str:
    """A setting that is a word; none stands for the default."""
    value = settings.get(name)
    return default if value is None else str(value)


def number(settings: Settings, name: str, default: float = 0.0) -> float:
    """A setting that is a number; none stands for the default.

    Raises:
        ModelError: it is no finite number.
    """
    value = settings.get(name)
    if value is None:
        return default
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ModelError(f"the published setting {name} must be a number, got {value!r}")
    return found


def integer(settings: Settings, name: str, default: int = 0) -> int:
    """A setting that is a whole number; none stands for the default."""
    return int(number(settings, name, float(default)))


def flag(settings: Settings, name: str) -> bool:
    """A setting that is on or off."""
    return bool(settings.get(name))


def refuse(settings: Settings, *names: str) -> None:
    """Refuse what was published but is not read here.

    Raises:
        ModelError: one of the settings is on.
    """
    for name in names:
        if flag(settings, name):
            raise ModelError(f"published weights with {name} cannot be read")
