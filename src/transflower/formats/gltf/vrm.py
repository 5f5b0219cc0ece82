"""The humanoid of a VRM file, 0.x or 1.0: which node is which bone."""

from collections.abc import Iterator
from typing import Any

from transflower.core.numbers import shorten
from transflower.formats.gltf.document import GltfFile
from transflower.motion.humanoid.bones import BONES

VRM_1, VRM_0 = "VRMC_vrm", "VRM"

_OLD_NAMES = {
    f"{side}Thumb{old}": f"{side}Thumb{new}"
    for side in ("left", "right")
    for old, new in (("Proximal", "Metacarpal"), ("Intermediate", "Proximal"))
}
"""Bones of the thumb as VRM 0.x names them -> as 1.0 does."""


def read_vrm_bones(file: GltfFile) -> dict[str, int]:
    """Bone -> node; nothing for a file that is no VRM.

    Raises:
        FormatError: the humanoid is broken.
    """
    for extension, kind in ((VRM_1, dict), (VRM_0, list)):
        content = file.extension(extension)
        if content is None:
            continue
        humanoid = content.get("humanoid")
        bones = humanoid.get("humanBones") if isinstance(humanoid, dict) else None
        if not isinstance(bones, kind) or not bones:
            file.fail(f"is a VRM without a humanoid: its {extension} has no humanBones")
        return _checked(file, extension, _pairs_1(bones) if isinstance(bones, dict) else _pairs_0(bones))
    return {}


def _pairs_1(bones: dict[str, Any]) -> Iterator[tuple[object, object]]:
    for bone, entry in bones.items():
        yield bone, entry.get("node") if isinstance(entry, dict) else entry


def _pairs_0(bones: list[Any]) -> Iterator[tuple[object, object]]:
    for entry in bones:
        bone = entry.get("bone") if isinstance(entry, dict) else None
        yield _OLD_NAMES.get(str(bone), bone), entry.get("node") if isinstance(entry, dict) else entry


def _checked(file: GltfFile, extension: str, pairs: Iterator[tuple[object, object]]) -> dict[str, int]:
    """The bones that we know, each of a node of its own."""
    found: dict[str, int] = {}
    for bone, node in pairs:
        if bone not in BONES:
            continue
        assert isinstance(bone, str)
        file.entry("nodes", node, f"{extension}.humanoid, for {shorten(bone)},")
        assert isinstance(node, int)
        taken = next((other for other, known in found.items() if known == node), None)
        if taken is not None and taken != bone:
            file.fail(f"has nodes[{node}] as both {taken} and {bone} of its humanoid")
        if bone in found:
            file.fail(f"has the bone {bone} twice in its humanoid")
        found[bone] = node
    return found
