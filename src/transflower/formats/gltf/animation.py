"""Motion as an animation of a glTF file.

Shape letters: T frames, J joints.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from transflower.core.errors import DataError
from transflower.formats.gltf.appender import GltfAppender
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip

_SAME_RADIANS = 1e-6
_SAME_METRES = 1e-6
_SHORT = 32767
_MOST_SECONDS = 1e9


def append_animation(
    appender: GltfAppender,
    clip: Clip,
    nodes: Sequence[int],
    *,
    name: str,
    rest: Float[np.ndarray, "J 4"] | None = None,
    mover: int = 0,
    quantised: bool = False,
) -> int:
    """Put a clip into a file whose skeleton is there already; gives the index of the animation.

    Rotations are interpolated linearly between the frames. A joint that is always as its node is at rest gets no
    track, and one that never moves a track of a single key. The translation of the mover has a key for every frame.

    Args:
        appender: the file.
        clip: the motion; its offsets are the translations of the nodes, in the unit of the file.
        nodes: the node of each joint.
        name: of the animation.
        rest: rotations of the nodes; by default they are not turned.
        mover: the joint that carries the body through the world.
        quantised: whether rotations are written as whole numbers of 16 bits, which is half as large.

    Raises:
        DataError: a number is not finite, or there are more frames than times can tell apart.
    """
    tracks = _Tracks(appender, clip, quantised=quantised)
    rest = rot.identity(len(nodes)) if rest is None else rest
    for joint, node in enumerate(nodes):
        track = clip.translations.get(joint)
        if track is not None:
            tracks.add(node, "translation", track, clip.skeleton.offsets[joint], keep=joint == mover)
        tracks.add(node, "rotation", clip.rotations[:, joint], rest[joint])
    return appender.add(
        "animations",
        {"name": name, "channels": tracks.channels, "samplers": tracks.finish(), "extras": {"fps": clip.fps}},
    )


class _Tracks:
    """Collects channels, whose numbers all lie in one buffer view."""

    def __init__(self, appender: GltfAppender, clip: Clip, *, quantised: bool) -> None:
        arrays = [clip.rotations, *clip.translations.values()]
        if not all(np.isfinite(array).all() for array in arrays):
            raise DataError("the clip holds numbers that are not finite, which no glTF file may")
        times = np.arange(clip.num_frames) / clip.fps
        self._times = np.minimum(times, _MOST_SECONDS).astype(np.float32)
        if not np.all(np.diff(self._times) > 0):
            raise DataError(f"{clip.num_frames} frames at {clip.fps:g} a second are too long for a glTF file")
        self._appender, self._quantised = appender, quantised
        self._outputs: list[np.ndarray] = []
        self.channels: list[dict[str, Any]] = []

    def add(self, node: int, path: str, track: np.ndarray, rest: np.ndarray, *, keep: bool = False) -> None:
        """Add a track unless it always is as at rest; ``keep`` writes all of its frames whatever they are."""
        if not keep and _is_still(path, track, track[0]):
            if _is_still(path, track, np.asarray(rest)):
                return
            track = track[:1]
        self.channels.append({"sampler": len(self._outputs), "target": {"node": node, "path": path}})
        self._outputs.append(self._to_rotations(track) if path == "rotation" else track.astype(np.float32))

    def finish(self) -> list[dict[str, Any]]:
        """Write all numbers; gives the samplers."""
        times = {len(self._times): self._appender.add_accessor(self._times, bounds=True)}
        if any(len(output) == 1 for output in self._outputs) and len(self._times) > 1:
            times[1] = self._appender.add_accessor(self._times[:1], bounds=True)
        view = self._appender.add_view(b"".join(output.tobytes() for output in self._outputs))
        samplers, start = [], 0
        for output in self._outputs:
            index = self._appender.add_accessor(output, normalized=output.dtype == np.int16, view=(view, start))
            samplers.append({"input": times[len(output)], "output": index, "interpolation": "LINEAR"})
            start += output.nbytes
        return samplers

    def _to_rotations(self, track: Float[np.ndarray, "T 4"]) -> np.ndarray:
        xyzw = rot.continuous(rot.normalize(track))[:, [1, 2, 3, 0]]
        return np.round(xyzw * _SHORT).astype(np.int16) if self._quantised else xyzw.astype(np.float32)


def _is_still(path: str, track: np.ndarray, value: np.ndarray) -> bool:
    if path == "rotation":
        return bool(rot.angle_between(value[None], track).max() < _SAME_RADIANS)
    return bool(np.abs(track - value).max() < _SAME_METRES)
