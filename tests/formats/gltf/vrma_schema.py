"""What the JSON schema and the text of the extension ``VRMC_vrm_animation`` 1.0 ask of a file."""

import json
from pathlib import Path

from transflower.formats.gltf.container import read_gltf
from transflower.formats.gltf.vrma import EXTENSION

_FACTS = json.loads((Path(__file__).parent / "vrm_animation.json").read_text())


def assert_keeps_schema(path):
    """Humanoid bones, each a node of its own, all that are required; turned, and only the hips moved."""
    file = read_gltf(path)
    said = file.extension(EXTENSION)
    assert EXTENSION in file.document["extensionsUsed"]
    assert said.keys() <= {"specVersion", "humanoid", "expressions", "lookAt", "extensions", "extras"}
    assert said["specVersion"] in _FACTS["specVersion"]
    bones = said["humanoid"]["humanBones"]
    assert set(_FACTS["required"]) <= bones.keys() <= set(_FACTS["humanBones"])
    assert all(bone.keys() <= {"node", "extensions", "extras"} for bone in bones.values())
    nodes = [bone["node"] for bone in bones.values()]
    assert len(set(nodes)) == len(nodes)
    assert all(type(node) is int and 0 <= node < len(file.entries("nodes")) for node in nodes)
    (animation,) = file.entries("animations")
    moved = [channel["target"] for channel in animation["channels"]]
    assert {target["path"] for target in moved} == {"rotation", "translation"}
    assert {target["node"] for target in moved} <= set(nodes)
    translated = [target["node"] for target in moved if target["path"] == "translation"]
    assert translated == [bones[bone]["node"] for bone in _FACTS["translated"]]
