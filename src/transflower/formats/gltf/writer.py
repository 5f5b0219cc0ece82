"""Writing motion as GLB: a skeleton, a body around it, and an animation."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from transflower.core.files import atomic_path
from transflower.formats.gltf.animation import append_animation
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.body import append_body
from transflower.formats.recording import Recording
from transflower.motion.skeleton import Skeleton
from transflower.motion.skinned_body import build_skinned_body

END = "_end"
"""What the name of a node for an end site adds to that of its joint."""

_NAME = "motion"


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
    quantised: bool = False,
    is_coarse: bool = False,
) -> bytes:
    """A GLB file of a recording: nodes in the hierarchy of its skeleton, a body, and the motion as an animation.

    Args:
        recording: the motion; the body is fitted to it.
        name: of its animation.
        quantised: whether rotations have 16 bits: half as large, and right to about 0.1 mm at the hands.
        is_coarse: whether the body has a third of the triangles: for several dancers at once.

    Raises:
        DataError: a number of the clip is not finite.
    """
    clip = recording.clip
    appender = GltfAppender(empty_gltf(f"transflower {version('transflower')}"))
    nodes = append_skeleton(appender, clip.skeleton)
    append_animation(appender, clip, nodes, name=name, quantised=quantised)
    body = append_body(appender, build_skinned_body(clip, is_coarse=is_coarse), nodes)
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
