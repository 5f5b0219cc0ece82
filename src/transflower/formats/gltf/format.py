"""Formats that are glTF 2.0."""

from transflower.formats.format import Format
from transflower.formats.gltf.reader import read_glb
from transflower.formats.gltf.vrma import write_vrma
from transflower.formats.gltf.writer import write_glb

GLB = Format(
    name="glb",
    suffixes=(".glb", ".gltf", ".vrm"),
    read=read_glb,
    write=write_glb,
)
"""Written as GLB, and read as whatever programs make of it."""

VRMA = Format(
    name="vrma",
    suffixes=(".vrma",),
    read=read_glb,
    write=write_vrma,
)
"""VRM animation."""
