"""Reading a pickle by a machine of our own, which builds plain values, arrays and data frames, and nothing else.

A pickle is a list of instructions to a machine with a stack. Python's machine calls whatever they name, and takes
memory for whatever they announce. This one calls nothing but ``stand_ins``, and makes nothing that is not in the file.
"""

import codecs
import io
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transflower.core.errors import FormatError
from transflower.core.files import read_bytes
from transflower.core.numbers import shorten
from transflower.formats.pickles.stand_ins import Name, Part, RefusedError, StandIn, find_name

LARGEST = 2**28
"""Bytes of a file."""
_MOST_STEPS = 200_000
_LONGEST_NUMBER = 20
"""Bytes of a whole number."""
_CODES = {code.code: code for code in pickletools.opcodes}
_NUMBERS = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT")
_TEXTS = (
    *("STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_VALUES = frozenset((*_NUMBERS, *_TEXTS))
"""Instructions that put their argument on the stack."""


def read_pickle(path: Path | str) -> Any:
    """What a pickle holds: plain values and containers as they are, arrays and parts of data frames as stand-ins.

    Raises:
        FormatError: it is no pickle, too large, damaged, or asks for anything else; nothing of it was run.
    """
    content = read_bytes(path, limit=LARGEST)
    try:
        return _Machine(content).run()
    except RefusedError as error:
        raise FormatError(path, f"is a pickle that {error}; nothing of it was run") from error
    except Exception as error:  # Instructions that do not fit each other fail in many ways.
        told = shorten(" ".join(str(error).split()), length=80)
        raise FormatError(path, f"is no pickle, or is damaged ({told})") from error


class _Machine:
    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Follow all instructions."""
        for _ in range(_MOST_STEPS):
            code = _CODES.get(self._file.read(1).decode("latin1"))
            if code is None:
                raise ValueError("it ends too early, or holds an unknown instruction")
            if code.name == "STOP":
                return self._stack.pop()
            argument = self._argument(code)
            if code.name in _VALUES:
                self._stack.append(argument)
            elif code.name in _STEPS:
                _STEPS[code.name](self, argument)
            else:
                raise RefusedError(f"has an instruction {code.name}, which no recording needs")
        raise RefusedError(f"takes more than {_MOST_STEPS} steps to read, which no recording needs")

    def _argument(self, code: pickletools.OpcodeInfo) -> Any:
        if code.arg is None:
            return None
        if code.name == "STRING":  # Python 2 writes bytes as such lines.
            return codecs.escape_decode(self._file.readline().strip()[1:-1])[0].decode("latin1")
        if code.name in {"LONG1", "LONG4"} and self._length(4 if code.name == "LONG4" else 1) > _LONGEST_NUMBER:
            raise RefusedError("holds a number of many digits, which no recording needs")
        return code.arg.reader(self._file)

    def _length(self, size: int) -> int:
        """The length that comes next, which is not taken."""
        start = self._file.tell()
        length = int.from_bytes(self._file.read(size), "little")
        self._file.seek(start)
        return length

    def _since_mark(self) -> list[Any]:
        mark = self._marks.pop()
        found = self._stack[mark:]
        del self._stack[mark:]
        return found

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def _pop(self, _: Any) -> None:
        self._stack.pop()

    def _remember(self, place: int | None) -> None:
        self._memo[len(self._memo) if place is None else place] = self._stack[-1]

    def _recall(self, place: int) -> None:
        self._stack.append(self._memo[place])

    def _tuple(self, count: int) -> None:
        parts = tuple(self._stack[-count:])
        if len(parts) < count:
            raise ValueError("it takes more than there is")
        self._stack[-count:] = [parts]

    def _dict(self, _: Any) -> None:
        parts = self._since_mark()
        self._stack.append({})
        self._set_items(parts)

    def _set_items(self, parts: list[Any]) -> None:
        items = self._stack[-1]
        if not isinstance(items, dict) or len(parts) % 2 or not all(isinstance(key, str) for key in parts[::2]):
            raise RefusedError("holds a table of an unknown kind")
        items |= dict(zip(parts[::2], parts[1::2], strict=True))

    def _append(self, parts: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise RefusedError("adds to something that is no list")
        self._stack[-1] += parts

    def _name(self, text: str) -> None:
        self._stack.append(find_name(*text.split(" ", 1)))

    def _stack_name(self, _: Any) -> None:
        module, name = self._take(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a name is no text")
        self._stack.append(find_name(module, name))

    def _call(self, _: Any) -> None:
        named, args = self._take(2)
        if not isinstance(named, Name) or named.make is None or not isinstance(args, tuple):
            raise RefusedError("calls something that no recording needs")
        self._stack.append(named.make(*args))

    def _new(self, _: Any) -> None:
        """A part of a data frame."""
        self._call(None)
        if not isinstance(self._stack[-1], Part):
            raise RefusedError("makes an object of a kind that no recording holds")

    def _build(self, _: Any) -> None:
        made, state = self._take(2)
        if not isinstance(made, StandIn):
            raise RefusedError("sets what cannot be set")
        made.set_state(state)
        self._stack.append(made)

    def _take(self, count: int) -> list[Any]:
        if len(self._stack) < count:
            raise ValueError("it takes more than there is")
        found = self._stack[-count:]
        del self._stack[-count:]
        return found


_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda machine, _: None,
    "FRAME": lambda machine, _: None,
    "MARK": _Machine._mark,
    "POP": _Machine._pop,
    "POP_MARK": lambda machine, _: machine._since_mark().clear(),
    "DUP": lambda machine, _: machine._push(machine._stack[-1]),
    "NONE": lambda machine, _: machine._push(None),
    "NEWTRUE": lambda machine, _: machine._push(True),
    "NEWFALSE": lambda machine, _: machine._push(False),
    "EMPTY_TUPLE": lambda machine, _: machine._push(()),
    "EMPTY_LIST": lambda machine, _: machine._push([]),
    "EMPTY_DICT": lambda machine, _: machine._push({}),
    "TUPLE": lambda machine, _: machine._push(tuple(machine._since_mark())),
    "LIST": lambda machine, _: machine._push(machine._since_mark()),
    "TUPLE1": lambda machine, _: machine._tuple(1),
    "TUPLE2": lambda machine, _: machine._tuple(2),
    "TUPLE3": lambda machine, _: machine._tuple(3),
    "DICT": _Machine._dict,
    "SETITEM": lambda machine, _: machine._set_items(machine._take(2)),
    "SETITEMS": lambda machine, _: machine._set_items(machine._since_mark()),
    "APPEND": lambda machine, _: machine._append(machine._take(1)),
    "APPENDS": lambda machine, _: machine._append(machine._since_mark()),
    "GET": _Machine._recall,
    "BINGET": _Machine._recall,
    "LONG_BINGET": _Machine._recall,
    "PUT": _Machine._remember,
    "BINPUT": _Machine._remember,
    "LONG_BINPUT": _Machine._remember,
    "MEMOIZE": _Machine._remember,
    "GLOBAL": _Machine._name,
    "STACK_GLOBAL": _Machine._stack_name,
    "REDUCE": _Machine._call,
    "NEWOBJ": _Machine._new,
    "BUILD": _Machine._build,
}
"""What the other instructions do. Those that are missing refer to other files, or make objects in other ways."""
