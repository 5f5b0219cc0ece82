"""Characters with skins, materials and textures, as other programs write them."""

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tests.motion.humanoid.bodies import Body
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.humanoid.bones import BONES
from transflower.motion.kinematics import forward

_OLD_THUMBS = {"ThumbMetacarpal": "ThumbProximal", "ThumbProximal": "ThumbIntermediate"}


@dataclass
class Character:
    """A character to be made."""

    body: Body = field(default_factory=Body)
    vrm: str = ""
    """``0.x``, ``1.0``, or nothing."""
    armature: bool = True
    """Whether all joints lie in centimetres and Z up below a node that is scaled and turned."""
    turned: bool = True
    """Whether joints are turned at rest."""
    matrices: bool = False
    """Whether nodes have matrices instead of translations, rotations and scales."""
    skins: int = 2
    sits: bool = False
    """Whether the nodes are in another pose than that in which the skins were bound."""
    seed: int = 0

    def build(self):
        """The file to be written, as an appender."""
        skeleton, joints = self.body.build()
        random = np.random.default_rng(self.seed)
        count = skeleton.num_joints
        rest = rot.normalize(random.standard_normal((count, 4))) if self.turned else rot.identity(count)
        positions = forward(Clip(skeleton, 1.0, rot.identity(1, count), {0: np.array(skeleton.offsets[:1])}))[0][0]
        appender = GltfAppender(empty_gltf("tests"))
        top = self._armature(appender)
        turn, scale = _TURN if self.armature else np.array(rot.IDENTITY), 0.01 if self.armature else 1.0
        nodes = []
        for joint, parent in enumerate(skeleton.parents):
            above, origin = (rest[parent], positions[parent]) if parent >= 0 else (turn, np.zeros(3))
            place = rot.rotate(rot.inverse(above), positions[joint] - origin) / scale
            local = rot.multiply(rot.inverse(above), rest[joint])
            if self.sits and joint in {joints["leftUpperLeg"], joints["rightUpperLeg"]}:
                bent = rot.multiply(rot.from_expmap(np.array([-1.6, 0, 0])), rest[joint])
                local = rot.multiply(rot.inverse(above), bent)
            entry = {"name": skeleton.names[joint], **self._transform(place, local)}
            nodes.append(appender.add("nodes", entry))
        for joint, parent in enumerate(skeleton.parents):
            over = nodes[parent] if parent >= 0 else top
            if over is not None:
                appender.entries("nodes")[over].setdefault("children", []).append(nodes[joint])
        meshes = [self._mesh(appender, nodes, positions, rest, scale, part) for part in range(self.skins)]
        appender.document |= {"scene": 0, "scenes": [{"nodes": [nodes[0] if top is None else top, *meshes]}]}
        self._extension(appender, {bone: nodes[joint] for bone, joint in joints.items() if bone in BONES})
        return appender

    def write(self, path):
        path.write_bytes(self.build().to_glb())
        return path

    def _armature(self, appender):
        if not self.armature:
            return None
        w, x, y, z = _TURN.tolist()
        return appender.add("nodes", {"name": "Armature", "rotation": [x, y, z, w], "scale": [0.01] * 3})

    def _transform(self, place, local):
        if self.matrices:
            matrix = np.eye(4)
            matrix[:3, :3], matrix[:3, 3] = rot.to_matrix(local), place
            return {"matrix": matrix.T.reshape(-1).tolist()}
        return {"translation": place.tolist(), "rotation": local[[1, 2, 3, 0]].tolist()}

    def _mesh(self, appender, nodes, positions, rest, scale, part):
        corners = np.array([[0, 0, 0], [0.04, 0, 0], [0, 0.04, 0], [0, 0, 0.04]])
        points = (positions[:, None] + corners).reshape(-1, 3).astype(np.float32)
        faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
        indices = (4 * np.arange(len(nodes))[:, None, None] + faces).reshape(-1).astype(np.uint16)
        owners = np.zeros((len(points), 4), np.uint8)
        owners[:, 0] = np.repeat(np.arange(len(nodes)), 4)
        weights = np.zeros((len(points), 4), np.float32)
        weights[:, 0] = 1
        matrices = np.tile(np.eye(4), (len(nodes), 1, 1))
        matrices[:, :3, :3], matrices[:, :3, 3] = scale * rot.to_matrix(rest), positions
        inverse = np.linalg.inv(matrices).swapaxes(1, 2).reshape(-1, 16).astype(np.float32)
        inverse[:, [3, 7, 11]], inverse[:, 15] = 0, 1
        normals = np.tile(np.array([0, 1, 0], np.float32), (len(points), 1))
        corner = np.tile(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32), (len(nodes), 1))
        primitive = {
            "attributes": {
                "POSITION": appender.add_accessor(points, bounds=True, target=34962),
                "NORMAL": appender.add_accessor(normals, target=34962),
                "TEXCOORD_0": appender.add_accessor(corner, target=34962),
                "JOINTS_0": appender.add_accessor(owners, target=34962),
                "WEIGHTS_0": appender.add_accessor(weights, target=34962),
            },
            "indices": appender.add_accessor(indices, target=34963),
            "material": _material(appender, part),
        }
        mesh = appender.add("meshes", {"name": f"skin {part}", "primitives": [primitive]})
        skin = appender.add("skins", {"joints": nodes, "inverseBindMatrices": appender.add_accessor(inverse)})
        return appender.add("nodes", {"name": f"body {part}", "mesh": mesh, "skin": skin})

    def _extension(self, appender, bones):
        if self.vrm == "1.0":
            humanoid = {"humanBones": {bone: {"node": node} for bone, node in bones.items()}}
            appender.use_extension("VRMC_vrm", {"specVersion": "1.0", "meta": {"name": "x"}, "humanoid": humanoid})
        if self.vrm == "0.x":
            old = [{"bone": _old(bone), "node": node, "useDefaultValues": True} for bone, node in bones.items()]
            appender.use_extension("VRM", {"specVersion": "0.0", "humanoid": {"humanBones": old}})


_TURN = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0, 0])


def _old(bone):
    return next((bone.replace(new, old) for new, old in _OLD_THUMBS.items() if bone.endswith(new)), bone)


def _material(appender, part):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 40 * part, 90)).save(picture, format="PNG")
    image = appender.add("images", {"bufferView": appender.add_view(picture.getvalue()), "mimeType": "image/png"})
    texture = appender.add("textures", {"source": image})
    look = {"baseColorTexture": {"index": texture}, "roughnessFactor": 0.5}
    return appender.add("materials", {"name": f"skin {part}", "pbrMetallicRoughness": look})
