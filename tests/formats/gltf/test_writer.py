from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from tests.formats.gltf.factories import PATH
from tests.formats.gltf.node import assert_valid, needs_node, poses_in_three
from tests.motion.factories import make_clip, make_skeleton
from tests.motion.test_skinned_body import posed
from transflower.core.errors import DataError, FormatError
from transflower.formats.bvh import read_bvh
from transflower.formats.gltf.container import parse_gltf, read_gltf
from transflower.formats.gltf.writer import glb_bytes, write_glb
from transflower.formats.recording import Recording
from transflower.motion.anatomy import points
from transflower.motion.skinned_body import build_skinned_body
from transflower.synthetic.skeleton import SKELETON

MOVING = make_clip(40, moving=("Spine", "LeftFoot"))
DANCE = make_clip(50, fps=25.0, skeleton=SKELETON)


SOME = 3
"""Recordings of each folder that other programs look at, which takes them a second each."""


def channels(file, animation=0):
    found = file.document["animations"][animation]
    return {(c["target"]["node"], c["target"]["path"]): found["samplers"][c["sampler"]] for c in found["channels"]}


@needs_node
@pytest.mark.parametrize("quantised", [False, True])
@pytest.mark.parametrize("clip", [MOVING, DANCE], ids=["moving bones", "dancer"])
def test_other_programs_find_it_valid_and_the_joints_where_we_have_them(clip, quantised, tmp_path):
    path = tmp_path / "dance.glb"
    path.write_bytes(glb_bytes(Recording(clip=clip), quantised=quantised))
    assert_valid(path)
    frames = [0, 7, clip.num_frames - 1]
    read = poses_in_three(path, [frame / clip.fps for frame in frames])
    assert read["seconds"] == pytest.approx((clip.num_frames - 1) / clip.fps)
    expected, body = points(clip), build_skinned_body(clip)
    for frame, pose in zip(frames, read["poses"], strict=True):
        nodes = np.array([pose["nodes"][str(point)] for point in range(expected.shape[1])])
        np.testing.assert_allclose(nodes, expected[frame], atol=5e-4 if quantised else 1e-5)
        np.testing.assert_allclose(pose["vertices"], posed(body, clip, frame)[0], atol=2e-3)


@needs_node
def test_many_joints_and_one_are_valid(tmp_path):
    for number in (1, 300):
        clip = make_clip(3, skeleton=make_skeleton(num_joints=number))
        write_glb(tmp_path / f"{number}.glb", Recording(clip=clip))
    assert_valid(*tmp_path.iterdir())


@needs_node
@pytest.mark.real_data
def test_real_skeletons_are_valid_and_their_joints_where_we_have_them(real_data_dir, tmp_path):
    of_folder = {}
    for path in sorted(real_data_dir.rglob("*.bvh")):
        of_folder.setdefault(path.parent, []).append(path)
    clips = {}
    for path in [path for paths in of_folder.values() for path in paths[:SOME]]:
        with suppress(FormatError):
            clips[tmp_path / f"{path.stem}.glb"] = read_bvh(path).clip[:40]
    for path, clip in clips.items():
        write_glb(path, Recording(clip=clip))
    assert_valid(*clips)
    for path, clip in clips.items():
        pose = poses_in_three(path, [(clip.num_frames - 1) / clip.fps])["poses"][0]
        expected = points(clip)[-1]
        nodes = np.array([pose["nodes"][str(point)] for point in range(len(expected))])
        np.testing.assert_allclose(nodes, expected, atol=1e-4, err_msg=path.name)


def test_joints_that_never_move_have_no_tracks_or_one_key():
    clip = make_clip(30)
    clip.rotations[:, 3] = [1, 0, 0, 0]
    clip.rotations[:, 4] = [-1, 0, 0, 0]
    clip.rotations[:, 5] = [0, 1, 0, 0]
    file = parse_gltf(PATH, glb_bytes(Recording(clip=clip)))
    found = channels(file)
    counts = {key: file.document["accessors"][sampler["output"]]["count"] for key, sampler in found.items()}
    assert (3, "rotation") not in counts
    assert (4, "rotation") not in counts
    assert counts[5, "rotation"] == 1
    assert counts[0, "translation"] == counts[6, "rotation"] == 30
    assert file.document["animations"][0]["extras"] == {"fps": 30.0}


def test_a_clip_where_nothing_moves_still_says_how_long_it_is():
    clip = make_clip(30)
    clip.rotations[:] = [1, 0, 0, 0]
    clip.translations[0][:] = 0
    file = parse_gltf(PATH, glb_bytes(Recording(clip=clip)))
    (sampler,) = channels(file).values()
    assert file.document["accessors"][sampler["input"]]["max"] == pytest.approx([29 / 30])


def test_sixteen_bits_are_smaller():
    clip = make_clip(600, skeleton=SKELETON)
    wide, narrow = (len(glb_bytes(Recording(clip=clip), quantised=quantised)) for quantised in (False, True))
    assert wide - narrow == pytest.approx(600 * SKELETON.num_joints * 8, abs=2000)


def test_the_same_clip_gives_the_same_bytes_and_a_file_of_its_name(tmp_path):
    write_glb(tmp_path / "salsa.glb", Recording(clip=DANCE))
    assert (tmp_path / "salsa.glb").read_bytes() == glb_bytes(Recording(clip=DANCE), name="salsa")
    assert read_gltf(tmp_path / "salsa.glb").document["animations"][0]["name"] == "salsa"


def test_what_glb_cannot_hold_is_said_in_one_sentence(tmp_path):
    broken = make_clip(3)
    broken.rotations[1, 2, 0] = np.nan
    with pytest.raises(DataError, match="not finite"):
        write_glb(tmp_path / "broken.glb", Recording(clip=broken))
    assert not list(tmp_path.iterdir())
    with pytest.raises(DataError, match="3 frames at 1e-40 a second are too long"):
        glb_bytes(Recording(clip=replace(make_clip(3), fps=1e-40)))
