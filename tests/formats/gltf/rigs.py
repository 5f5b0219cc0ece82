"""Animated glTF files as other programs write them."""

import numpy as np

from transflower.formats.gltf.appender import GltfAppender, empty_gltf

BONES = {  # name: (parent, translation, rotation xyzw)
    "Hips": ("Armature", (0.0, 5.0, 95.0), (0.5, 0.5, 0.5, 0.5)),
    "Spine": ("Hips", (0.0, 30.0, 0.0), (0.0, 0.0, 0.1, 0.9949874)),
    "Head": ("Spine", (0.0, 30.0, 1.0), (0.0, 0.0, 0.0, 1.0)),
    "LeftUpLeg": ("Hips", (10.0, -5.0, 0.0), (1.0, 0.0, 0.0, 0.0)),
    "LeftFoot": ("LeftUpLeg", (0.0, 80.0, 0.0), (0.0, 0.6, 0.0, 0.8)),
    "RightUpLeg": ("Hips", (-10.0, -5.0, 0.0), (1.0, 0.0, 0.0, 0.0)),
    "RightFoot": ("RightUpLeg", (0.0, 80.0, 0.0), (0.0, 0.0, 0.0, 1.0)),
}
"""In centimetres below an armature that is turned to stand and scaled by 0.01, as Blender exports it."""


def unit(rotations):
    return (rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)).astype(np.float32)


def blender_rig(interpolation="LINEAR", *, times=None, seed=0, as_matrix=False, skin=True, start=0.0):
    """A file with an armature, a skin over all bones, a camera, a lamp to hold, and an animation of some bones."""
    random = np.random.default_rng(seed)
    times = (start + np.arange(13) / 24).astype(np.float32) if times is None else np.asarray(times, np.float32)
    appender = GltfAppender(empty_gltf("tests"))
    turn = {"rotation": [-np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)], "scale": [0.01] * 3, "translation": [0.2, 0.0, 0.1]}
    if as_matrix:
        turn = {"matrix": [0.01, 0, 0, 0, 0, 0, -0.01, 0, 0, 0.01, 0, 0, 0.2, 0, 0.1, 1]}
    appender.add("cameras", {"type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.1}})
    nodes = {"Camera": appender.add("nodes", {"name": "Camera", "camera": 0})}
    nodes["Armature"] = appender.add("nodes", {"name": "Armature", **turn})
    for name, (_, translation, rotation) in BONES.items():
        node = {"name": name, "translation": list(translation), "rotation": list(rotation)}
        nodes[name] = appender.add("nodes", node)
    nodes["Head_end"] = appender.add("nodes", {"name": "Head_end", "translation": [0.0, 20.0, 0.0]})
    parents = {name: parent for name, (parent, _, _) in BONES.items()} | {"Head_end": "Head"}
    for name, parent in parents.items():
        appender.entries("nodes")[nodes[parent]].setdefault("children", []).append(nodes[name])
    if skin:
        appender.add("skins", {"joints": [nodes[name] for name in BONES]})
    channels, samplers = [], []
    keys = len(times) * (3 if interpolation == "CUBICSPLINE" else 1)
    clock = appender.add_accessor(times, bounds=True)
    for name in ("Hips", "Spine", "LeftUpLeg", "LeftFoot"):
        rotations = unit(BONES[name][2] + 0.4 * random.standard_normal((keys, 4)))
        samplers.append({"input": clock, "output": appender.add_accessor(rotations), "interpolation": interpolation})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": nodes[name], "path": "rotation"}})
    places = (BONES["Hips"][1] + 10 * random.standard_normal((keys, 3))).astype(np.float32)
    samplers.append({"input": clock, "output": appender.add_accessor(places), "interpolation": interpolation})
    channels.append({"sampler": len(samplers) - 1, "target": {"node": nodes["Hips"], "path": "translation"}})
    appender.add("animations", {"name": "dance", "channels": channels, "samplers": samplers})
    appender.document |= {"scene": 0, "scenes": [{"nodes": [nodes["Camera"], nodes["Armature"]]}]}
    return appender
