"""Characters of users, with a mesh of their own, as the page takes them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from transflower.formats.gltf.accessors import AccessorReader
from transflower.formats.gltf.appender import GltfAppender
from transflower.formats.gltf.body import TONES
from transflower.formats.gltf.container import embed_files, read_gltf
from transflower.formats.gltf.document import GltfFile
from transflower.formats.gltf.sampling import read_animations
from transflower.formats.registry import find_format


def is_character(file: Path) -> bool:
    """Whether a file has a mesh on its skeleton that is not the body that we write ourselves.

    Raises:
        FormatError: it is a broken glTF file.
    """
    return _is_gltf(file) and _has_own_mesh(read_gltf(file))


def character_model(file: Path) -> bytes | None:
    """A character that moves as the file is read, as one GLB; None for a file that holds no character.

    Raises:
        FormatError: the file is broken.
    """
    if not _is_gltf(file):
        return None
    content = read_gltf(file)
    return _with_one_animation(embed_files(content)) if _has_own_mesh(content) else None


def _is_gltf(file: Path) -> bool:
    known = find_format(file)
    return known is not None and known.name == "glb"


def _has_own_mesh(content: GltfFile) -> bool:
    return all(content.entries(part) for part in ("skins", "meshes")) and not _is_our_body(content)


def _is_our_body(content: GltfFile) -> bool:
    generator = content.document["asset"].get("generator")
    materials = {material.get("name") for material in content.entries("materials")}
    return isinstance(generator, str) and generator.startswith("transflower") and materials == set(TONES)


def _with_one_animation(content: GltfFile) -> bytes:
    """The file with the animation alone that is read as its motion, which starts at second 0."""
    entry, start = _read_animation(content)
    appender, reader = GltfAppender(content), AccessorReader(content)
    inputs: dict[int, int] = {}
    samplers = []
    for sampler in entry["samplers"]:
        index = sampler["input"]
        if index not in inputs:
            times = reader.read(index, "SCALAR", "an animation")[:, 0] - start
            inputs[index] = appender.add_accessor(times.astype(np.float32), bounds=True)
        samplers.append({**sampler, "input": inputs[index]})
    appender.document["animations"] = [{**entry, "samplers": samplers}]
    return appender.to_glb()


def _read_animation(content: GltfFile) -> tuple[dict[str, Any], float]:
    """The longest animation that moves nodes, as ``pick_animation`` has it, and the second of its first key."""
    found = []
    for entry in content.entries("animations"):
        alone = replace(content, document={**content.document, "animations": [entry]}, _buffers={})
        found += [(entry, animation) for animation in read_animations(alone)]
    entry, longest = max(found, key=lambda pair: pair[1].stop - pair[1].start)
    return entry, longest.start
