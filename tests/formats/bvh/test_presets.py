import numpy as np
import pytest

from tests.motion.factories import make_clip
from transflower.core.errors import OptionsError
from transflower.formats.bvh.presets import PRESETS, apply_preset
from transflower.formats.recording import Recording
from transflower.formats.registry import FORMATS, read_recording
from transflower.motion.humanoid.bones import BONES
from transflower.motion.kinematics import forward
from transflower.motion.skeleton import Skeleton
from transflower.synthetic.skeleton import SKELETON

DANCE = make_clip(20, skeleton=SKELETON, degrees=20)
# preset: names of hips, left arm, right shin, head; extent of the file's numbers along each axis
EXPECTED = {
    "blender": ("spine", "upper_arm.L", "shin.R", "spine.006"),
    "unity": ("Hips", "LeftUpperArm", "RightLowerLeg", "Head"),
    "unreal": ("pelvis", "upperarm_l", "calf_r", "head"),
    "mixamo": ("mixamorig:Hips", "mixamorig:LeftArm", "mixamorig:RightLeg", "mixamorig:Head"),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_file_has_the_unit_axes_and_names_of_the_program(name, tmp_path):
    FORMATS["bvh"].write(tmp_path / "a.bvh", apply_preset(Recording(clip=DANCE), name))
    preset = PRESETS[name]
    raw = read_recording(tmp_path / "a.bvh").clip
    assert set(EXPECTED[name]) <= set(raw.skeleton.names)
    np.testing.assert_allclose(forward(raw)[0], forward(DANCE)[0], atol=1e-4)
    numbers = (tmp_path / "a.bvh").read_text().split("MOTION")[1].split("\n")[3].split()[:3]
    height = float(numbers["xyz".index(preset.up)]) * preset.metres_per_unit
    assert height == pytest.approx(DANCE.translations[0][0, 1], abs=1e-4)


@pytest.mark.parametrize("name", PRESETS)
def test_every_bone_has_one_name_of_its_own(name):
    names = PRESETS[name].names
    assert names.keys() <= set(BONES)
    assert len(set(names.values())) == len(names)


def test_joints_that_are_no_bones_keep_their_names_unless_those_are_taken():
    names = ("pelvis" if name == "LeftToeBase" else name for name in SKELETON.names)
    odd = Skeleton((*names, "Tail"), (*SKELETON.parents, 0), np.vstack([SKELETON.offsets, [0, 0, -0.3]]))
    clip = make_clip(5, skeleton=odd, degrees=5)
    found = apply_preset(Recording(clip=clip), "unreal").clip.skeleton.names
    assert found[-1] == "Tail"
    assert found[0] == "pelvis"
    assert len(set(found)) == len(found)


def test_an_unknown_preset_is_refused():
    with pytest.raises(OptionsError, match="there are: blender, unity, unreal, mixamo"):
        apply_preset(Recording(clip=DANCE), "maya")
