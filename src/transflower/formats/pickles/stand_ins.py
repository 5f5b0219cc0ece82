"""What a pickle may name, and what is built for it: stand-ins that keep what they are given.

Nothing of numpy or pandas is called for a pickle. An array is made of its bytes when it is asked for, and only where
there are as many as its shape needs.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from transflower.core.numbers import shorten

_CODE = re.compile(r"[fiub][1248]|[OmM]8?|[SU]\d{1,4}")
"""Types of numbers, objects, times and short texts."""
_UNITS = {b"ns", b"us", b"ms", b"s", b"m", b"h", b"D"}
"""Of times, as numpy calls them."""
_MOST_UNITS = 10**6
_PLAIN = re.compile(r"[\w.]+")
_MOST_AXES, _LARGEST_SIZE = 8, 2**48
_MOST_COLUMNS = 2**20


class RefusedError(Exception):
    """A pickle asks for something that no recording holds."""


class StandIn:
    """Something that a pickle makes."""

    def set_state(self, state: Any) -> None:
        """What a pickle sets it to.

        Raises:
            RefusedError: it cannot be set.
        """
        raise RefusedError("sets what cannot be set")


@dataclass(frozen=True)
class Name:
    """Something of a module that a pickle names."""

    name: str
    make: Callable[..., Any] | None = None
    """What is made where it is called. None: it is never called."""


class DType(StandIn):
    """A type of numbers, named by its letter and bytes."""

    def __init__(self, code: Any, *_: Any) -> None:
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise RefusedError("holds arrays of a type that no recording needs")
        self.kind = code[0]
        unit = "[ns]" if self.kind in "mM" else ""
        self.numpy = np.dtype(code + unit)

    def set_state(self, state: Any) -> None:
        """The order of its bytes; of times, their unit too."""
        order = state[1] if isinstance(state, tuple) and len(state) > 2 and state[2] is None else None
        if order not in ("<", ">", "|", "="):
            raise RefusedError("holds arrays of a type with parts")
        if self.kind in "mM" and len(state) > 8:
            self.numpy = np.dtype(f"{self.kind}8[{_unit(state[8])}]")
        self.numpy = self.numpy.newbyteorder("=" if order == "|" else order)


class Encoded(StandIn):
    """Bytes, as older protocols write them: as a text."""

    def __init__(self, text: Any = "", *_: Any) -> None:
        self.text = text


class Array(StandIn):
    """An array: what it says of itself, and its bytes."""

    def __init__(self, *_: Any) -> None:
        self._shape: Any = None
        self._dtype: Any = None
        self._content: Any = None
        self._order = "C"

    @classmethod
    def of_buffer(cls, content: Any, dtype: Any, shape: Any, order: Any = "C") -> "Array":
        """An array as protocol 5 writes it."""
        made = cls()
        made._fill(shape, dtype, content, order == "F")
        return made

    @classmethod
    def of_number(cls, dtype: Any, content: Any) -> "Array":
        """A single number of numpy."""
        return cls.of_buffer(content, dtype, ())

    def set_state(self, state: Any) -> None:
        """Shape, type, order of its axes, bytes."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise RefusedError("holds an array of an unknown kind")
        self._fill(state[1], state[2], state[4], state[3] is True or state[3] == 1)

    @property
    def kind(self) -> str:
        """The letter of the kind of type, as numpy has them; empty where it is none."""
        return self._dtype.kind if self._dtype else ""

    @property
    def nbytes(self) -> int:
        """At least as many as ``numpy`` takes, as far as it does not fail."""
        return len(self._content.text if isinstance(self._content, Encoded) else self._content or b"")

    def numpy(self) -> np.ndarray:
        """The numbers.

        Raises:
            ValueError: it holds none, or its bytes are not as many as its shape needs.
        """
        content = self._content.text if isinstance(self._content, Encoded) else self._content
        if isinstance(content, str):
            content = content.encode("latin1")
        if not isinstance(content, bytes | bytearray) or self._dtype.kind == "O":
            raise ValueError("it holds Python objects")
        if self._dtype.numpy.itemsize * math.prod(self._shape) != len(content):
            raise ValueError("its bytes are not as many as its shape needs")
        flat = np.frombuffer(content, self._dtype.numpy) if content else np.zeros(0, self._dtype.numpy)
        return flat.reshape(self._shape, order="F" if self._order == "F" else "C")

    def words(self) -> list[str]:
        """The texts of an array of objects.

        Raises:
            ValueError: it holds something else.
        """
        if isinstance(self._content, list) and all(isinstance(word, str) for word in self._content):
            return self._content
        raise ValueError("it holds something else than words")

    def _fill(self, shape: Any, dtype: Any, content: Any, is_column_major: bool) -> None:
        if not isinstance(dtype, DType) or not isinstance(content, bytes | bytearray | str | Encoded | list):
            raise RefusedError("holds an array of an unknown kind")
        is_meant = isinstance(shape, tuple) and len(shape) <= _MOST_AXES
        if not is_meant or not all(type(size) is int and 0 <= size < _LARGEST_SIZE for size in shape):
            raise RefusedError("holds an array of an unknown shape")
        self._shape, self._dtype, self._content = shape, dtype, content
        self._order = "F" if is_column_major else "C"


class Part(StandIn):
    """A part of a data frame: its kind, what it was made of, and what it was set to."""

    def __init__(self, kind: str, args: tuple[Any, ...]) -> None:
        self.kind = kind
        self.args = args
        self.state: Any = None

    def set_state(self, state: Any) -> None:
        """Keep it."""
        self.state = state


class Columns(StandIn):
    """Some of the columns of a data frame."""

    def __init__(self, *args: Any) -> None:
        start, stop, step = (*args, None)[:3] if len(args) > 1 else (None, None, None)
        numbers = (start or 0, stop, 1 if step is None else step)
        if not all(type(number) is int and 0 <= number <= _MOST_COLUMNS for number in numbers) or not numbers[2]:
            raise RefusedError("holds a slice of an unknown kind")
        self.indices = range(*numbers)


def _unit(told: Any) -> str:
    """The unit of times, of what their type says of itself: ``({}, (b"us", 1, 1, 1))``."""
    parts = told[1] if isinstance(told, tuple) and len(told) == 2 else None
    name, count = parts[:2] if isinstance(parts, tuple) and len(parts) > 1 else (None, None)
    name = name.text if isinstance(name, Encoded) else name
    name = name.encode() if isinstance(name, str) else name
    if not isinstance(name, bytes) or name not in _UNITS or type(count) is not int or not 0 < count <= _MOST_UNITS:
        raise RefusedError("holds times in a unit that no recording needs")
    return f"{count}{name.decode()}"


def _remake(kind: Any, *_: Any) -> Any:
    """An object as protocols 0 and 1 make it: by its class, and what it is based on."""
    if not isinstance(kind, Name) or kind.make is None:
        raise RefusedError("makes an object of a kind that no recording holds")
    return kind.make()


_NUMERIC, _MULTIARRAY = (
    ("numpy.core.numeric", "numpy._core.numeric"),
    ("numpy.core.multiarray", "numpy._core.multiarray"),
)
_BUILTINS = ("builtins", "__builtin__")
_ALLOWED: dict[tuple[str, str], Callable[..., Any] | None] = {
    ("numpy", "dtype"): DType,
    ("numpy", "ndarray"): None,
    ("_codecs", "encode"): Encoded,
    ("collections", "OrderedDict"): dict,
    ("copyreg", "_reconstructor"): _remake,
    ("copy_reg", "_reconstructor"): _remake,
}
_ALLOWED |= {(module, "_reconstruct"): Array for module in _MULTIARRAY}
_ALLOWED |= {(module, "scalar"): Array.of_number for module in _MULTIARRAY}
_ALLOWED |= {(module, "_frombuffer"): Array.of_buffer for module in _NUMERIC}
_ALLOWED |= {(module, name): Encoded for module in _BUILTINS for name in ("bytes", "bytearray")}
_ALLOWED |= {(module, "slice"): Columns for module in _BUILTINS}
_ALLOWED |= {(module, "object"): None for module in _BUILTINS}
_PARTS = re.compile(
    r"DataFrame|BlockManager|_unpickle_block|_new_(Datetime|Timedelta)?Index|(Range|Int64|UInt64|Float64|Timedelta|"
    r"Datetime)?Index|(Timedelta|Datetime|String|NumpyExtension|ArrowString|Pandas)Array|StringDtype|"
    r"__pyx_unpickle_NDArrayBacked|_timedelta_unpickle|Day|Hour|Minute|Second|Milli|Micro|Nano"
)
"""What data frames of numbers are made of in the versions of pandas."""


def find_name(module: str, name: str) -> Name:
    """What a pickle names.

    Raises:
        RefusedError: no recording needs it.
    """
    if (module, name) in _ALLOWED:
        return Name(name, _ALLOWED[module, name])
    if f"{module}.".startswith("pandas.") and _PARTS.fullmatch(name):
        return Name(name, lambda *args: Part(name, args))
    told = f"{module}.{name}"
    raise RefusedError(
        f"asks for {shorten(told if _PLAIN.fullmatch(told) else repr(told), length=80)}, which no recording needs"
    )
