"""Dances and songs that tell the time: a dancer who walks evenly, and a tone that rises evenly."""

import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.render.factories import HIPS_HEIGHT, make_body
from transflower.audio.audio import Audio
from transflower.formats.gltf.accessors import AccessorReader
from transflower.formats.gltf.appender import GltfAppender
from transflower.formats.gltf.container import parse_gltf, to_glb
from transflower.formats.gltf.writer import glb_bytes
from transflower.formats.recording import Recording
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.viewer import ShownDance

FPS = 30.0
METRES_PER_SECOND = 0.1
LOWEST, HERTZ_PER_SECOND = 400.0, 20.0
SOUND_RATE = 48000


def make_dance(
    name: str = "Ada", *, seconds: float = 8.0, x: float = 0.0, turn: float = 0.0, likelihood: bool = False
) -> ShownDance:
    """A dancer who goes towards +X at an even pace, turned by an angle, and swings an arm once a second."""
    skeleton, num_frames = make_body(), round(seconds * FPS)
    times = np.arange(num_frames) / FPS
    rotations = np.tile([1.0, 0, 0, 0], (num_frames, skeleton.num_joints, 1))
    swing = np.zeros((num_frames, 3))
    swing[:, 2] = 0.6 * np.sin(2 * np.pi * times)
    rotations[:, skeleton.index("LeftArm")] = rot.from_expmap(swing)
    rotations[:, 0] = rot.from_yaw(np.full(num_frames, turn))
    root = np.stack([x + METRES_PER_SECOND * times, np.full(num_frames, HIPS_HEIGHT), np.zeros(num_frames)], axis=1)
    values = np.sin(times) if likelihood else None
    return ShownDance(name=name, clip=Clip(skeleton, FPS, rotations, {0: root}), log_likelihood=values)


def make_rising_tone(*, seconds: float = 8.0) -> Audio:
    """A tone of ``LOWEST + HERTZ_PER_SECOND * t`` hertz at second t."""
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    phase = 2 * np.pi * (LOWEST * times + HERTZ_PER_SECOND / 2 * times**2)
    return Audio(np.tile(0.4 * np.sin(phase), (2, 1)).T.astype(np.float32), SOUND_RATE)


def make_character(dance: ShownDance) -> bytes:
    """A GLB file of the dance whose mesh has a texture, as characters of people have."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (255, 0, 0)).save(picture, format="PNG")
    appender = GltfAppender(parse_gltf(Path("dance.glb"), glb_bytes(Recording(clip=dance.clip))))
    document = appender.document
    primitives = document["meshes"][0]["primitives"]
    count = document["accessors"][primitives[0]["attributes"]["POSITION"]]["count"]
    places = appender.add_accessor(np.full((count, 2), 0.5, np.float32), target=34962)
    view = appender.add_view(picture.getvalue())
    image = appender.add("images", {"bufferView": view, "mimeType": "image/png"})
    texture = appender.add("textures", {"source": image})
    skin = {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture}, "metallicFactor": 0}}
    material = appender.add("materials", {"name": "skin", **skin})
    for primitive in primitives:
        primitive["attributes"]["TEXCOORD_0"] = places
        primitive["material"] = material
    return appender.to_glb()


def write_silent_video(path: Path) -> None:
    """A video without a sound track."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(picture))
        container.mux(stream.encode())


def with_animations(content: bytes, *spans: tuple[float, float]) -> bytes:
    """The file with copies of its animation whose keys are stretched to begin and end at such seconds."""
    file = parse_gltf(Path("dance.glb"), content)
    appender, reader = GltfAppender(file), AccessorReader(file)
    (entry,) = file.entries("animations")
    appender.document["animations"] = []
    for start, stop in spans:
        inputs = {}
        for index in {sampler["input"] for sampler in entry["samplers"]}:
            times = reader.read(index, "SCALAR", "")[:, 0]
            stretched = start + times * (stop - start) / max(times[-1], 1e-9)
            inputs[index] = appender.add_accessor(stretched.astype(np.float32), bounds=True)
        samplers = [{**sampler, "input": inputs[sampler["input"]]} for sampler in entry["samplers"]]
        appender.add("animations", {"channels": entry["channels"], "samplers": samplers})
    return appender.to_glb()


def without_animations(content: bytes) -> bytes:
    """The character at rest."""
    file = parse_gltf(Path("dance.glb"), content)
    return to_glb(replace(file, document={key: part for key, part in file.document.items() if key != "animations"}))
