"""GLB as one of the formats."""

from transflower.formats.format import Format
from transflower.formats.gltf.reader import read_glb
from transflower.formats.gltf.writer import write_glb

GLB = Format(
    name="glb",
    suffixes=(".glb", ".gltf", ".vrm"),
    about="skeleton, body and motion, for Blender, Unity, Unreal, browsers",
    read=read_glb,
    write=write_glb,
)
"""glTF 2.0: written as GLB, and read as whatever programs make of it."""
