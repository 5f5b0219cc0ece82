"""Writing motion as GLB: a skeleton, a body around it, and an animation for each clip."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.errors import DataError
from transflower.core.files import atomic_path
from transflower.formats.gltf.animation import append_animation
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.body import TONES, Colour, append_body
from transflower.formats.recording import Recording
from transflower.motion.body_mesh import Tone
from transflower.motion.skeleton import Skeleton
from transflower.motion.skinned_body import build_skinned_body

END = "_end"
"""What the name of a node for an end site adds to that of its joint."""

_NAME = "motion"
_SAME_METRES = 1e-4


def write_glb(path: Path | str, recording: Recording) -> None:
    """Write a recording with a body around its skeleton, whole or not at all.

    Raises:
        DataError: a number of the clip is not finite.

    Example:
        >>> import numpy as np
        >>> from tempfile import TemporaryDirectory
        >>> from transflower.motion.clip import Clip
        >>> skeleton = Skeleton(names=("Hips",), parents=(-1,), offsets=np.zeros((1, 3)))
        >>> clip = Clip(skeleton, 30.0, np.tile([1.0, 0, 0, 0], (2, 1, 1)), {0: np.zeros((2, 3))})
        >>> with TemporaryDirectory() as folder:
        ...     write_glb(f"{folder}/still.glb", Recording(clip=clip))
        ...     Path(f"{folder}/still.glb").read_bytes()[:4]
        b'glTF'
    """
    content = glb_bytes(recording, name=Path(path).stem)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def glb_bytes(
    recording: Recording,
    *,
    name: str = _NAME,
    others: Mapping[str, Recording] | None = None,
    quantised: bool = False,
    is_coarse: bool = False,
    tones: Mapping[Tone, Colour] = TONES,
) -> bytes:
    """A GLB file of a recording: nodes in the hierarchy of its skeleton, a body, and the motion as an animation.

    Args:
        recording: the motion; the body is fitted to it.
        name: of its animation.
        others: name -> further recordings of the same skeleton, an animation each.
        quantised: whether rotations have 16 bits: half as large, and right to about 0.1 mm at the hands.
        is_coarse: whether the body has a third of the triangles: for several dancers at once.
        tones: colours of the body.

    Raises:
        DataError: a number of a clip is not finite, or another recording has another skeleton.
    """
    clip = recording.clip
    appender = GltfAppender(empty_gltf(f"transflower {version('transflower')}"))
    nodes = append_skeleton(appender, clip.skeleton)
    clips = {name: clip, **{other: found.clip for other, found in (others or {}).items()}}
    for title, found in clips.items():
        _check_skeleton(title, found.skeleton, clip.skeleton)
        append_animation(appender, found, nodes, name=title, quantised=quantised)
    body = append_body(appender, build_skinned_body(clip, is_coarse=is_coarse), nodes, tones=tones)
    appender.document |= {"scene": 0, "scenes": [{"nodes": [nodes[0], body]}]}
    return appender.to_glb()


def append_skeleton(appender: GltfAppender, skeleton: Skeleton) -> list[int]:
    """Put a node for each joint and end site into a file; gives those of the joints. The first is for the scene."""
    first = len(appender.entries("nodes"))
    nodes = [appender.add("nodes", _node(*joint)) for joint in zip(skeleton.names, skeleton.offsets, strict=True)]
    for joint, children in enumerate(skeleton.children):
        below = [first + child for child in children]
        if joint in skeleton.end_sites:
            tip = _node(skeleton.names[joint] + END, np.array(skeleton.end_sites[joint]))
            below.append(appender.add("nodes", tip))
        if below:
            appender.entries("nodes")[nodes[joint]]["children"] = below
    return nodes


def _node(name: str, offset: np.ndarray) -> dict[str, Any]:
    return {"name": name, "translation": np.asarray(offset, float).tolist()}


def _check_skeleton(name: str, skeleton: Skeleton, expected: Skeleton) -> None:
    is_same = skeleton.names == expected.names and skeleton.parents == expected.parents
    if not is_same or np.abs(skeleton.offsets - expected.offsets).max() > _SAME_METRES:
        raise DataError(f"{name} has another skeleton than the first recording of the file; write a file of its own")
