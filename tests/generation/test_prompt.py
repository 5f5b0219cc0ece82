from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import copy_model, motion_sidecar_of, save_bvh
from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import ModelError, OptionsError, TransflowerError
from transflower.features.motion.codec import encode_motion
from transflower.formats.bvh import write_bvh
from transflower.generation import open_prompt
from transflower.models import InputConfig, OutputConfig
from transflower.motion.resample import resample


def test_a_bvh_becomes_features_at_the_frame_rate_of_the_model(loaded, tmp_path):
    path = save_bvh(tmp_path / "a.BVH", 91, fps=30.0)
    prompt = open_prompt(loaded, str(path))["motion"]
    clip = resample(make_clip(91, fps=30.0), 20.0)
    assert len(prompt) == 61
    np.testing.assert_allclose(prompt, encode_motion(clip, motion_sidecar_of(loaded.sidecars)), atol=1e-4)


def test_the_frame_rate_of_a_bvh_can_be_said(loaded, tmp_path):
    path = save_bvh(tmp_path / "a.bvh", 91, fps=30.0)
    prompt = open_prompt(loaded, str(path))["motion"]
    path.write_text(path.read_text().replace("Frame Time: 0.0333333333", "Frame Time: 33.333"))
    with pytest.raises(TransflowerError, match="milliseconds, add --source_fps 30"):
        open_prompt(loaded, str(path))
    np.testing.assert_array_equal(open_prompt(loaded, str(path), source_fps=30.0)["motion"], prompt)


def test_a_sequence_is_read_from_the_folder(loaded, data):
    prompt = open_prompt(loaded, "two", data=data)["motion"]
    np.testing.assert_array_equal(prompt, np.load(data / "two.motion.npy"))


def test_the_dance_may_take_over_before_the_end(loaded, data):
    whole = open_prompt(loaded, "two", data=data)["motion"]
    for until, count in ((0.5, 10), (1.2, 24), (0.05, 1)):
        np.testing.assert_array_equal(open_prompt(loaded, "two", data=data, until=until)["motion"], whole[:count])


@pytest.mark.parametrize("until", [1.3, 0.0, -1.0, 0.001, float("nan"), float("inf")])
def test_nothing_can_go_on_outside_the_prompt(loaded, data, until):
    with pytest.raises(OptionsError, match="--prompt_until"):
        open_prompt(loaded, "two", data=data, until=until)


def test_a_prompt_without_a_body_is_refused(loaded, tmp_path):
    path = save_bvh(tmp_path / "chain.bvh", skeleton=make_skeleton(num_joints=4))
    with pytest.raises(TransflowerError, match=r"chain.bvh: cannot be put on the model's skeleton: "):
        open_prompt(loaded, str(path))


def test_a_joint_that_moves_without_having_columns_is_refused(loaded, tmp_path):
    clip = make_clip(30, moving=("Head",))
    write_bvh(tmp_path / "stretched.bvh", clip)
    with pytest.raises(TransflowerError, match=r"stretched.bvh: .* joint 'Head' moves away from its parent"):
        open_prompt(loaded, str(tmp_path / "stretched.bvh"))


@pytest.mark.parametrize(
    ("prompt", "folder", "message"),
    [
        ("nothing.bvh", None, "nothing.bvh"),
        ("one", None, "one: is of no format that holds motion"),
        ("three", "data", "three.motion.npy: is missing"),
        ("../one", "data", "'../one' cannot be part of a file name"),
    ],
)
def test_a_prompt_that_is_not_there_is_refused(loaded, data, prompt, folder, message):
    with pytest.raises(TransflowerError, match=message):
        open_prompt(loaded, prompt, data=data if folder else None)


def test_a_broken_bvh_is_refused(loaded, tmp_path):
    (tmp_path / "a.bvh").write_text("HIERARCHY\nROOT Hips\n{\n", encoding="utf-8")
    with pytest.raises(TransflowerError, match=r"a.bvh"):
        open_prompt(loaded, str(tmp_path / "a.bvh"))


def test_a_model_that_does_not_read_its_own_past_cannot_be_prompted(loaded, tmp_path):
    model = copy_model({"audio": InputConfig()}, {"motion": OutputConfig()}, rows={})
    with pytest.raises(ModelError, match="does not read what it has drawn"):
        open_prompt(replace(loaded, model=model), str(save_bvh(tmp_path / "a.bvh")))


def test_a_model_of_plain_numbers_cannot_be_prompted_by_a_bvh(loaded, data, tmp_path):
    plain = replace(loaded, sidecars={"motion": None, "audio": None})
    with pytest.raises(ModelError, match="does not say which motion its features are; give the id"):
        open_prompt(plain, str(save_bvh(tmp_path / "a.bvh")))
    assert len(open_prompt(plain, "one", data=data)["motion"]) == 24
