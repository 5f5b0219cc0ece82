"""The HIERARCHY part of a BVH file: joints, offsets and channels, in the file's own units.

Shape letters: J joints.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float

from transflower.core.errors import FormatError
from transflower.core.numbers import parse_float, shorten
from transflower.formats.bvh.text import number_fault
from transflower.motion.skeleton import Skeleton

CHANNELS = ("Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")
"""The channels that a joint may have, each at most once."""

_TOKEN = re.compile(r"[{}]|[^\s{}]+")
_MOTION = re.compile(r"(?<![^\s{}])MOTION(?![^\s{}])", re.IGNORECASE)
_CHANNEL_OF = {name.lower(): name for name in CHANNELS}
_END_OF_FILE = ""
_MOST_JOINTS = 5000
_MOST_DIGITS = 4
_LONGEST_MESSAGE = 300
"""Characters: names and words of a broken file may be longer than any."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """What the text before MOTION says."""

    skeleton: Skeleton
    """Offsets are in the file's own units."""
    channels: tuple[tuple[str, ...], ...]
    """Channel names of each joint, in the order of the columns."""
    end: int | None
    """Index of the first character after the word MOTION; None where the file has no MOTION."""

    @property
    def num_channels(self) -> int:
        """Columns of a frame."""
        return sum(len(channels) for channels in self.channels)


def parse_hierarchy(path: Path, text: str) -> Hierarchy:
    """Read everything up to and including the word MOTION.

    Raises:
        FormatError: not a BVH hierarchy; names the line and, where there is one, the joint.
    """
    motion = _MOTION.search(text)
    if motion is not None:
        try:
            return _parse_alike(text[: motion.end()])
        except FormatError:
            pass  # It is told with the name of this file, or the word belongs to the name of a joint.
    return _Parser(path, text).parse()


@lru_cache(maxsize=4)
def _parse_alike(text: str) -> Hierarchy:
    """Of a text that many files begin with, as the takes of an actor do."""
    hierarchy = _Parser(Path(), text).parse()
    hierarchy.skeleton.offsets.setflags(write=False)
    return hierarchy


class _Parser:
    """A walk over the tokens with a stack of open joints; names are cut from the text, for they may hold spaces."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self.start = self.end = 0
        """Where the token last taken begins and ends."""
        self.names: list[str] = []
        self.known: set[str] = set()
        self.parents: list[int] = []
        self.offsets: list[tuple[float, float, float] | None] = []
        self.channels: list[tuple[str, ...] | None] = []
        self.end_sites: dict[int, tuple[float, float, float]] = {}

    def parse(self) -> Hierarchy:
        if self._take().upper() != "HIERARCHY":
            self._fail("does not begin with HIERARCHY; is it a BVH file?")
        if self._take().upper() != "ROOT":
            self._fail("HIERARCHY must be followed by ROOT and the name of a joint")
        open_joints = [self._open_joint(parent=-1)]
        while open_joints:
            self._parse_statement(open_joints)
        end = self._parse_what_follows()
        offsets: Float[np.ndarray, "J 3"] = np.array(self.offsets, float)
        skeleton = Skeleton(tuple(self.names), tuple(self.parents), offsets, self.end_sites)
        return Hierarchy(skeleton, tuple(channels or () for channels in self.channels), end)

    def _parse_statement(self, open_joints: list[int]) -> None:
        joint = open_joints[-1]
        token = self._take()
        match token.upper():
            case "OFFSET":
                self._refuse_second(self.offsets[joint], "OFFSET", joint)
                self.offsets[joint] = self._take_offset(self.names[joint])
            case "CHANNELS":
                self._refuse_second(self.channels[joint], "CHANNELS", joint)
                self.channels[joint] = self._take_channels(joint)
            case "JOINT":
                open_joints.append(self._open_joint(parent=joint))
            case "END":
                self._take_end_site(joint)
            case "}":
                if self.offsets[joint] is None:
                    self._fail(f"joint {self.names[joint]!r} has no OFFSET")
                open_joints.pop()
            case _:
                found = "the end of the file" if token == _END_OF_FILE else repr(token)
                self._fail(
                    f"expected OFFSET, CHANNELS, JOINT, End Site or '}}' in joint {self.names[joint]!r}, found {found}"
                )

    def _parse_what_follows(self) -> int | None:
        token = self._take()
        if token == _END_OF_FILE:
            return None
        if token.upper() == "ROOT":
            self._fail("holds more than one ROOT; export each character to a file of its own")
        if token.upper() != "MOTION":
            self._fail(f"expected MOTION after the hierarchy, found {token!r}; is there a '}}' too many?")
        return self.end

    def _open_joint(self, parent: int) -> int:
        start = self.end
        name = self._take_name()
        if name in self.known:
            self._fail(f"two joints are called {name!r}; names must be unique", at=start)
        if len(self.names) == _MOST_JOINTS:
            self._fail(f"has more than {_MOST_JOINTS} joints, which no body has", at=start)
        self.known.add(name)
        self.names.append(name)
        self.parents.append(parent)
        self.offsets.append(None)
        self.channels.append(None)
        return len(self.names) - 1

    def _take_name(self) -> str:
        start = self.end
        while (token := self._take()) not in {"{", "}", _END_OF_FILE}:
            pass
        name = self.text[start : self.start].strip()
        if token != "{" or "\n" in name:
            self._fail(f"expected '{{' after the name of joint {name.split(chr(10))[0]!r}", at=start)
        if not name:
            self._fail("a joint has no name", at=start)
        return name

    def _take_offset(self, owner: str) -> tuple[float, float, float]:
        x, y, z = (self._take_number(f"OFFSET of {owner!r}") for _ in range(3))
        return x, y, z

    def _take_number(self, what: str) -> float:
        token = self._take()
        try:
            return parse_float(token)
        except ValueError:
            found = number_fault(token) if token else "the file ends"
            self._fail(f"{what} needs 3 numbers: {found}")

    def _take_channels(self, joint: int) -> tuple[str, ...]:
        owner, count = self.names[joint], self._take()
        if not (count.isascii() and count.isdigit() and len(count) < _MOST_DIGITS):
            self._fail(f"CHANNELS of {owner!r} must begin with their number, found {shorten(count)!r}")
        names: list[str] = []
        for _ in range(int(count)):
            token = self._take()
            name = _CHANNEL_OF.get(token.lower())
            if name is None:
                self._fail(
                    f"channel {len(names) + 1} of the {count} of {owner!r} is {token!r}; known: {', '.join(CHANNELS)}"
                )
            if name in names:
                self._fail(f"joint {owner!r} has the channel {name} twice")
            names.append(name)
        return tuple(names)

    def _take_end_site(self, joint: int) -> None:
        owner = f"End Site of {self.names[joint]}"
        while (token := self._take()) != "{":
            if token in {"}", _END_OF_FILE} or token.upper() == "OFFSET":
                self._fail(f"expected '{{' after {owner}")
        if self._take().upper() != "OFFSET":
            self._fail(f"{owner} has no OFFSET")
        offset = self._take_offset(owner)
        token = self._take()
        if token.upper() == "CHANNELS" and self._take() == "0":
            token = self._take()
        if token != "}":
            self._fail(f"{owner} must end with '}}' after its OFFSET, found {token or 'the end of the file'!r}")
        self._refuse_second(self.end_sites.get(joint), "End Site", joint)
        self.end_sites[joint] = offset

    def _refuse_second(self, value: object, what: str, joint: int) -> None:
        if value is not None:
            self._fail(f"joint {self.names[joint]!r} has a second {what}")

    def _take(self) -> str:
        match = next(self.tokens, None)
        if match is None:
            self.start = self.end = len(self.text.rstrip())
            return _END_OF_FILE
        self.start, self.end = match.span()
        return match.group()

    def _fail(self, message: str, at: int | None = None) -> NoReturn:
        at = self.start if at is None else at
        message = shorten(message, length=_LONGEST_MESSAGE)
        raise FormatError(self.path, message, line=self.text.count("\n", 0, at) + 1)
