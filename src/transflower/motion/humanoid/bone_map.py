"""The table of bones as a text file: the program writes what it found, and the user corrects it.

Each line is ``bone: joint``; nothing behind the colon stands for a bone that the skeleton does not have. Lines that
begin with ``#`` are remarks.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path

from transflower.core.errors import DataError, FormatError
from transflower.core.files import read_text, write_text
from transflower.core.numbers import shorten
from transflower.motion.humanoid.bones import BONES, REQUIRED, spoken
from transflower.motion.humanoid.humanoid import Humanoid
from transflower.motion.skeleton import Skeleton

_LARGEST = 2**20
"""Bytes: far more than any table has."""
_SHOWN = 40


def write_bone_map(path: Path | str, humanoid: Humanoid) -> None:
    """Write the table, with every bone that there may be and the joints that are none."""
    names = humanoid.skeleton.names
    used = set(humanoid.joints.values())
    lines = ["# Which joint of the character is which bone: `bone: joint`, or nothing behind the colon."]
    lines += ["# A dance needs: " + ", ".join(REQUIRED) + ".", ""]
    for bone in BONES:
        lines.append(f"{bone}: {names[humanoid.joints[bone]]}" if bone in humanoid.joints else f"{bone}:")
    lines += ["", "# Joints that are no bone, and stay as they are at rest:"]
    lines += [f"#   {name}" for joint, name in enumerate(names) if joint not in used]
    write_text(path, "\n".join(lines) + "\n")


def read_bone_map(path: Path | str, skeleton: Skeleton) -> Humanoid:
    """Read the table of a skeleton.

    Raises:
        FormatError: a line that is none of the table, an unknown bone or joint, one that is there twice, bones in an
            order that the skeleton does not have, or none for what a dance needs; names the line.
    """
    joints: dict[str, int] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(read_text(path, limit=_LARGEST, encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        bone, joint = _read_line(path, number, line, skeleton)
        if bone in lines:
            raise FormatError(path, f"{bone} is in line {lines[bone]} already; remove one", line=number)
        lines[bone] = number
        if joint is None:
            continue
        taken = next((other for other, known in joints.items() if known == joint), None)
        if taken is not None:
            told = f"joint {_told(skeleton.names[joint])} is the {spoken(taken)} in line {lines[taken]} already"
            raise FormatError(path, f"{told}; a joint is one bone", line=number)
        joints[bone] = joint
    _check_needed(path, joints)
    return _checked(path, skeleton, joints, lines)


def _read_line(path: Path | str, number: int, line: str, skeleton: Skeleton) -> tuple[str, int | None]:
    bone, colon, joint = (part.strip() for part in line.partition(":"))
    if not colon:
        raise FormatError(path, f"expected 'bone: joint', got {_told(bone)}", line=number)
    if bone not in BONES:
        raise FormatError(path, f"there is no bone {_told(bone)}{_nearest(bone, BONES)}", line=number)
    if not joint:
        return bone, None
    if joint not in skeleton.names:
        raise FormatError(
            path, f"the character has no joint {_told(joint)}{_nearest(joint, skeleton.names)}", line=number
        )
    return bone, skeleton.names.index(joint)


def _check_needed(path: Path | str, joints: Mapping[str, int]) -> None:
    missing = [bone for bone in REQUIRED if bone not in joints]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise FormatError(path, f"names no joint for {missing[0]}{more}, which a dance needs; write 'bone: joint'")


def _checked(path: Path | str, skeleton: Skeleton, joints: Mapping[str, int], lines: Mapping[str, int]) -> Humanoid:
    """The humanoid; of a table that no body can have, the line of the first bone in a wrong place."""
    fitting: dict[str, int] = {}
    for bone in BONES:
        if bone in joints:
            fitting[bone] = joints[bone]
            try:
                Humanoid(skeleton, fitting)
            except DataError as error:
                raise FormatError(path, str(error), line=lines[bone]) from error
    return Humanoid(skeleton, joints)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), lower, n=1)
    return f"; did you mean {lower[found[0]]}?" if found else ""


def _told(name: str) -> str:
    return repr(shorten(name, length=_SHOWN))
