"""What is measured of each recording, and notes on it for the user."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transflower.core.listing import first_few, name_some
from transflower.formats.bvh.rate import is_rounded
from transflower.formats.recording import Recording
from transflower.motion.axes import Axis, find_up
from transflower.motion.body_size import HUMAN_HEIGHT, BodySize, measure_body
from transflower.motion.faults.detectors import find_faults
from transflower.motion.faults.fault import Fault
from transflower.motion.jumps import first_frames_apart, is_t_pose

_MOST_NAMED = 3
_FLIPS = ("cuts", "jumps", "flips")
"""Kinds of faults that are told."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What is measured of one recording, in metres and with Y up."""

    num_joints: int
    size: BodySize | None
    """None where there is no body with legs and a head."""
    up: Axis | None
    """The axis along which the body stands: Y, unless it was read with another axis up than its own."""
    fps: float
    frame_time: str
    """As it is written; empty where it does not count."""
    num_first: int
    """Frames at the start that are a pose apart."""
    is_t_pose: bool
    """Whether that is a T-pose."""
    flips: tuple[Fault, ...]
    """Joints that flip, and leaps of the whole body."""

    @property
    def frame_rate(self) -> str:
        """As text."""
        rounded = f" ({self.frame_time} rounded)" if is_rounded(self.frame_time, self.fps) else ""
        return f"{self.fps:.5g} frames/s{rounded}"

    @property
    def first_pose(self) -> str:
        """What the first frames are, as text."""
        pose = "a T-pose" if self.is_t_pose else "a pose apart from the movement"
        return f"first frame is {pose}" if self.num_first == 1 else f"first {self.num_first} frames are {pose}"


def measure_recording(recording: Recording) -> Findings:
    """Measure a recording."""
    clip = recording.clip
    num_first = first_frames_apart(clip)
    return Findings(
        num_joints=clip.skeleton.num_joints,
        size=measure_body(clip),
        up=find_up(clip),
        fps=clip.fps,
        frame_time=recording.layout.frame_time if recording.layout else "",
        num_first=num_first,
        is_t_pose=num_first > 0 and is_t_pose(clip),
        flips=tuple(find_faults(clip, _FLIPS)),
    )


def summary(found: Findings, up: Axis, *, drop_first: bool) -> str:
    """One recording in a line; ``up`` is the axis that its file has up."""
    parts = [f"{found.num_joints} joints"]
    parts += [f"{found.size.height:.2f} m tall"] if found.size else ["no body"] if found.up is None else []
    parts += [f"{up.upper()} is up", found.frame_rate]
    if found.num_first:
        parts.append(f"{found.first_pose}{' and left out' if drop_first else ': --drop_first'}")
    return ", ".join(parts)


def notes(seen: Mapping[Path, Findings], *, drop_first: bool) -> list[str]:
    """Notes on recordings; each kind in one line, however many there are."""
    rates = Counter(found.frame_rate for found in seen.values())
    lines = [f"frame rates differ: {_counted(rates)}"] if len(rates) > 1 else []
    odd_sizes = {
        path: f"{found.size.height:.2g} m"
        for path, found in seen.items()
        if found.size and not HUMAN_HEIGHT[0] <= found.size.height <= HUMAN_HEIGHT[1]
    }
    least, most = HUMAN_HEIGHT
    lines += _about(odd_sizes, seen, f"the body is not between {least:g} and {most:g} m tall", "--unit corrects it")
    scales = {
        path: f"{found.size.root_scale:.2g} times too high"
        for path, found in seen.items()
        if found.size and found.size.root_scale
    }
    lines += _about(scales, seen, "the root is in another unit than the bones", "export them in one unit")
    lying = {path: f"along {found.up.upper()}" for path, found in seen.items() if found.up not in {None, "y"}}
    lines += _about(lying, seen, "the body does not stand along the axis that is up", "--up corrects it")
    apart = {path: found.first_pose for path, found in seen.items() if found.num_first}
    left_out = "they are left out" if drop_first else "--drop_first leaves them out"
    lines += _about(apart, seen, "the movement begins with a pose apart", left_out) if len(seen) > 1 else []
    flips = {path: _flips(found.flips) for path, found in seen.items() if found.flips}
    return lines + _about(flips, seen, "a frame flips or leaps", "motion check lists them all")


def grouped(remarks: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """The remarks, of those that differ in the file and in numbers only the first few, and how many more there are."""
    kinds: dict[str, list[str]] = {}
    for remark in dict.fromkeys(remarks):
        path = next((str(path) for path in paths if remark.startswith(f"{path}:")), "")
        kinds.setdefault(_NUMBER.sub("#", remark.removeprefix(path)), []).append(remark)
    lines = []
    for same in kinds.values():
        lines += first_few(same, _MOST_NAMED, more="and {} more recordings with the same note")
    return lines


def _about(found: Mapping[Path, str], seen: Mapping[Path, Findings], what: str, advice: str) -> list[str]:
    if not found:
        return []
    named = name_some([f"{path} ({text})" for path, text in found.items()], most=_MOST_NAMED)
    return [f"in {len(found)} of {len(seen)} recordings {what}: {named}{'; ' if advice else ''}{advice}"]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{what} in {count}" for what, count in counts.most_common())


def _flips(flips: Sequence[Fault]) -> str:
    more = f", and {len(flips) - 1} more" if len(flips) > 1 else ""
    return f"frame {flips[0].first}: {flips[0].what}{more}"
