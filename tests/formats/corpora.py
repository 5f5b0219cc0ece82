"""Files of motion as data sets publish them, made small."""

import io
import pickle
import struct

import numpy as np

from transflower.formats.npz.smpl_body import PELVIS
from transflower.formats.pickles.motorica import mean_skeleton
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.placement import ground
from transflower.motion.root import root_in_world


def smpl_walk(frames, joints=24):
    """Rotation vectors ``[T, 3 J]`` and translations in metres, Y up, of somebody who walks along X and turns."""
    poses = np.zeros((frames, joints, 3))
    poses[:, 0, 1] = np.linspace(0, 1, frames)
    poses[:, 16, 2], poses[:, 17, 2] = -1.2, np.linspace(0.2, 1.2, frames)
    trans = np.stack([np.linspace(0, 1, frames), np.full(frames, 0.9), np.zeros(frames)], axis=1) - PELVIS
    return poses.reshape(frames, -1), trans


def pickled_aist(frames, protocol=4, **changes):
    """As AIST++: ``smpl_trans`` in units of ``smpl_scaling``."""
    poses, trans = smpl_walk(frames)
    content = {
        "smpl_loss": 0.1,
        "smpl_poses": poses,
        "smpl_scaling": np.array([90.0]),
        "smpl_trans": 90 * trans,
    } | changes
    return pickle.dumps({name: value for name, value in content.items() if value is not None}, protocol)


def finedance_rows(frames):
    """As FineDance: translation, then the first two rows of 52 matrices."""
    poses, trans = smpl_walk(frames, joints=52)
    matrices = rot.to_matrix(rot.from_expmap(poses.reshape(frames, 52, 3)))
    return np.concatenate([trans, matrices[:, :, :2].reshape(frames, -1)], axis=1).astype(np.float32)


def motorica_clip(frames, fps=30.0):
    """A dance on the skeleton of Motorica that begins at the origin, facing +Z."""
    skeleton = mean_skeleton()
    wave = np.sin(np.arange(frames) / 5)
    vectors = np.zeros((frames, skeleton.num_joints, 3))
    for name, axis, size in (("LeftArm", 2, -1.0), ("RightForeArm", 1, 0.7), ("Spine1", 0, 0.2), ("LeftLeg", 0, 0.5)):
        vectors[:, skeleton.index(name), axis] = size * wave
    rotations = rot.from_expmap(vectors)
    rotations[:, 0] = rot.multiply(rot.from_yaw(0.03 * np.arange(frames)), rot.from_expmap(vectors[:, 8] * 0.1))
    way = np.stack([0.01 * np.arange(frames), 0.91 + 0.02 * wave, 0.02 * np.arange(frames)], axis=1)
    return Clip(skeleton, fps, rotations, {0: way})


def motorica_columns(clip):
    """As Motorica: names of columns, and their values; lengths in centimetres."""
    grounded, _ = ground(*root_in_world(clip), (0.0, 0.0, 1.0))
    rotations = np.array(clip.rotations)
    rotations[:, 0] = grounded.rotations
    joints = [name for name in reversed(clip.skeleton.names) if not name.endswith("ToeBase")]
    vectors = rot.to_expmap(rotations)
    values = [vectors[:, clip.skeleton.index(name)] for name in joints]
    values += [100 * grounded.positions[:, 1:2], grounded.deltas * (100, 100, 1)]
    names = [f"{name}_{axis}" for name in joints for axis in ("alpha", "beta", "gamma")]
    names += ["Hips_Yposition", *(f"reference_{step}" for step in ("dXposition", "dZposition", "dYrotation"))]
    return names, np.concatenate(values, axis=1)


def pickled_motorica(frames, *, seconds=True):
    """The data frame of Motorica as pandas 2 pickles it, which tests need no pandas for."""
    names, values = motorica_columns(motorica_clip(frames))
    return pickled_frame(names, values, seconds=np.arange(frames) / 30 if seconds else None)


def pickled_frame(names, values, *, seconds=None, unit="ns", places=None):
    """A data frame as pandas 2 pickles it, in protocol 4, from its parts."""
    index = make_index("RangeIndex", {"name": None, "start": 0, "stop": len(values), "step": 1})
    if seconds is not None:
        times = np.round(seconds / (np.timedelta64(1, unit) / np.timedelta64(1, "s"))).astype(f"m8[{unit}]")
        kind = Named("pandas.core.arrays.timedeltas", "TimedeltaArray")
        array = Make("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked", kind, 1, None)
        array.state = (times.dtype, times, {"_freq": None})
        index = make_index("TimedeltaIndex", {"data": array, "name": None})
    columns = make_index("Index", {"data": np.array(names, object), "name": None})
    places = slice(0, len(names), 1) if places is None else places
    block = Make("pandas._libs.internals", "_unpickle_block", values.T, places, 2)
    manager = Make("pandas.core.internals.managers", "BlockManager", (block,), [columns, index])
    frame = Make("pandas.core.frame", "DataFrame")
    frame.state = {"_mgr": manager, "_typ": "dataframe", "_metadata": [], "attrs": {}, "_flags": {"x": True}}
    return dumps(frame)


def dumps(value):
    """A pickle of protocol 4, which may name what is not there."""
    file = io.BytesIO()
    _Pickler(file, 4).dump(value)
    return file.getvalue()


def make_index(kind, content):
    """An axis of a data frame."""
    return Make("pandas.core.indexes.base", "_new_Index", Named("pandas.core.indexes", kind), content)


class Named:
    """A name of a module that is not there."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Make:
    """An object that a function of a module that is not there makes of arguments, and then sets to a state."""

    def __init__(self, module, name, *args):
        self.named, self.args, self.state = Named(module, name), args, None


class _Pickler(pickle._Pickler):
    """Python's own, which can also name what is not there."""

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Named):
            self.save(value.module)
            self.save(value.name)
            self.write(pickle.STACK_GLOBAL)
        elif isinstance(value, Make):
            self.save(value.named)
            self.save(value.args)
            self.write(pickle.REDUCE)
            if value.state is not None:
                self.save(value.state)
                self.write(pickle.BUILD)
        else:
            super().save(value, save_persistent_id)


def instructions(*parts):
    """A pickle from its instructions, with the end."""
    return b"".join(parts) + b"."


def text(word):
    """The instruction that puts a text on the stack."""
    return b"\x8c" + struct.pack("B", len(word)) + word.encode()
