"""A body of triangles as a mesh of a glTF file.

Shape letters: V vertices, J joints.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from transflower.formats.gltf.appender import GltfAppender
from transflower.motion.body_mesh import Tone
from transflower.motion.kinematics import rest_positions
from transflower.motion.skinned_body import SkinnedBody

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

TONES: Mapping[Tone, Colour] = {
    "left": (255, 190, 96),
    "right": (255, 98, 118),
    "trunk": (246, 226, 208),
    "face": (52, 50, 84),
}
"""Colours of a body, those of the first dancer in videos; each is a material of its name."""

_ARRAY_BUFFER, _INDEX_BUFFER = 34962, 34963
_ROUGHNESS = 0.75


def append_body(appender: GltfAppender, body: SkinnedBody, nodes: Sequence[int]) -> int:
    """Put a body into a file that holds its skeleton already; gives the node of the mesh, which belongs to the scene.

    Args:
        appender: the file.
        body: the body.
        nodes: the node of each joint.
    """
    attributes = _append_vertices(appender, body)
    wide = np.uint16 if len(body.positions) < 2**16 else np.uint32
    primitives = []
    for tone, triangles in body.triangles.items():
        indices = appender.add_accessor(triangles.reshape(-1).astype(wide), target=_INDEX_BUFFER)
        material = appender.add("materials", _material(tone, TONES[tone]))
        primitives.append({"attributes": attributes, "indices": indices, "material": material})
    mesh = appender.add("meshes", {"name": "body", "primitives": primitives})
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(nodes), 1, 1))
    matrices[:, 3, :3] = -rest_positions(body.skeleton)  # columns lie one after the other
    inverse = appender.add_accessor(matrices.reshape(-1, 16))
    skin = appender.add("skins", {"inverseBindMatrices": inverse, "joints": list(nodes), "skeleton": nodes[0]})
    return appender.add("nodes", {"name": "body", "mesh": mesh, "skin": skin})


def _append_vertices(appender: GltfAppender, body: SkinnedBody) -> dict[str, int]:
    joints = body.joints.astype(np.uint8 if body.skeleton.num_joints <= 2**8 else np.uint16)
    arrays = {
        "POSITION": body.positions.astype(np.float32),
        "NORMAL": body.normals.astype(np.float32),
        "JOINTS_0": joints,
        "WEIGHTS_0": _in_bytes(body.weights),
    }
    return {
        name: appender.add_accessor(
            array, bounds=name == "POSITION", normalized=name == "WEIGHTS_0", target=_ARRAY_BUFFER
        )
        for name, array in arrays.items()
    }


def _in_bytes(weights: Float[np.ndarray, "V 4"]) -> UInt8[np.ndarray, "V 4"]:
    """Weights as whole numbers that add up to 255."""
    rounded = np.floor(weights * 255 + 1e-6).astype(int)
    rounded[:, 0] += 255 - rounded.sum(axis=1)
    return rounded.astype(np.uint8)


def _material(tone: Tone, colour: Colour) -> dict[str, Any]:
    shares = np.array(colour) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    factor = [*linear.round(5).tolist(), 1.0]
    surface = {"baseColorFactor": factor, "metallicFactor": 0.0, "roughnessFactor": _ROUGHNESS}
    return {"name": tone, "pbrMetallicRoughness": surface}
