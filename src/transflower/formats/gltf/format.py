"""GLB as one of the formats."""

from transflower.formats.format import Format
from transflower.formats.gltf.writer import write_glb

GLB = Format(
    name="glb",
    suffixes=(".glb",),
    about="skeleton, body and motion, for Blender, Unity, Unreal, browsers",
    write=write_glb,
)
"""Writing motion with a body as binary glTF 2.0."""
