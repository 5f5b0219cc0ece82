"""Formats that are glTF 2.0."""

from pathlib import Path

from transflower.formats.format import Format
from transflower.formats.gltf.container import read_gltf
from transflower.formats.gltf.reader import read_glb
from transflower.formats.gltf.sampling import read_animations
from transflower.formats.gltf.vrma import write_vrma
from transflower.formats.gltf.writer import write_glb


def _holds_motion(path: Path) -> bool:
    """False for a character that does not move."""
    return bool(read_animations(read_gltf(path)))


GLB = Format(
    name="glb",
    suffixes=(".glb", ".gltf", ".vrm"),
    read=read_glb,
    holds=_holds_motion,
    write=write_glb,
)
"""Written as GLB, and read as whatever programs make of it."""

VRMA = Format(
    name="vrma",
    suffixes=(".vrma",),
    read=read_glb,
    holds=_holds_motion,
    write=write_vrma,
)
"""VRM animation."""
