"""Each kind of fault, planted into a clean dance, is found at its second and mended."""

from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from tests.synthetic.factories import perform
from transflower.core.errors import OptionsError
from transflower.motion import rotations as rot
from transflower.motion.clip import Clip
from transflower.motion.faults.detectors import DETECTORS, find_faults, mend_faults
from transflower.motion.faults.fault import Fault
from transflower.motion.kinematics import forward
from transflower.motion.mirror import mirror
from transflower.motion.resample import resample
from transflower.synthetic.moves import MOVES
from transflower.synthetic.songs import STYLES

FPS = 30.0


@pytest.fixture(scope="module")
def dance() -> Clip:
    """A clean dance of half a minute."""
    return perform(list(MOVES)[:8], style="funk", tempo=110, energy=0.7, seed=0)[0].clip[:900]


def planted(clip: Clip, rotations=None, root=None) -> Clip:
    tracks = clip.translations if root is None else {0: root}
    return replace(clip, rotations=clip.rotations if rotations is None else rotations, translations=tracks)


def kinds(faults: list[Fault]) -> set[str]:
    return {fault.kind for fault in faults}


def seconds(faults: list[Fault], kind: str) -> list[tuple[float, float]]:
    return [(fault.first / FPS, fault.last / FPS) for fault in faults if fault.kind == kind]


def mended(clip: Clip, kind: str) -> list[Clip]:
    mending = mend_faults(clip, [kind])
    assert kinds(mending.mended) == {kind}
    assert mending.left == []
    for part in mending.parts:
        assert kind not in kinds(find_faults(part.clip, [kind]))
    return [part.clip for part in mending.parts]


@pytest.mark.parametrize("style", STYLES)
def test_clean_dances_of_every_style_have_no_faults(style):
    clip = perform(list(MOVES), style=style, tempo=105, energy=0.9, seed=1)[0].clip
    assert find_faults(clip) == []
    assert find_faults(mirror(clip)) == []


def test_a_t_pose_before_the_dance(dance):
    rotations, root = dance.rotations[:300].copy(), dance.translations[0][:300].copy()
    rotations[0], root[0] = rot.identity(dance.skeleton.num_joints), [0.0, 0.93, 0.0]
    clip = planted(dance[:300], rotations, root)
    faults = find_faults(clip)
    assert [(fault.kind, fault.first, fault.what) for fault in faults] == [("t_pose", 0, "begins with a T-pose")]
    parts = mend_faults(clip, ["t_pose"]).parts
    assert parts[0].first == faults[0].last + 1
    assert parts[0].clip.num_frames == 300 - parts[0].first


def test_a_cut_take_becomes_two_files(dance):
    first, second = dance[:300], dance[500:800]
    shift = np.array([3.0, 0, 1.0])
    clip = Clip(dance.skeleton, FPS, np.concatenate([first.rotations, second.rotations]),
                {0: np.concatenate([first.translations[0], second.translations[0] + shift])})  # fmt: skip
    faults = find_faults(clip)
    assert seconds(faults, "cuts") == [(10.0, 10.0)]
    assert kinds(faults) == {"cuts"}
    parts = mend_faults(clip, ["cuts"]).parts
    assert [(part.first, part.clip.num_frames) for part in parts] == [(0, 300), (300, 300)]


def test_a_jerk_of_the_whole_body_is_smoothed(dance):
    root, rotations = dance.translations[0].copy(), dance.rotations.copy()
    root[400:402] += [0.25, 0.1, 0]
    clip = planted(dance, rotations, root)
    found = seconds(find_faults(clip), "jumps")
    assert found[0][0] == pytest.approx(400 / FPS)
    (back,) = mended(clip, "jumps")
    assert np.abs(back.translations[0] - dance.translations[0]).max() < 0.1
    np.testing.assert_array_equal(back.rotations[:390], dance.rotations[:390])


@pytest.mark.parametrize("count", [1, 3])
def test_a_joint_that_flips_for_some_frames(dance, count):
    joint = dance.skeleton.index("LeftForeArm")
    rotations = dance.rotations.copy()
    turn = rot.from_expmap(np.array([2.9, 0, 0]))
    rotations[600 : 600 + count, joint] = rot.multiply(rotations[600 : 600 + count, joint], turn)
    clip = planted(dance, rotations)
    faults = find_faults(clip)
    assert kinds(faults) == {"flips"}
    assert seconds(faults, "flips")[0][0] == pytest.approx(20.0)
    assert "'LeftForeArm'" in faults[0].what
    (back,) = mended(clip, "flips")
    assert np.degrees(rot.angle_between(back.rotations, dance.rotations)).max() < 30


def test_a_joint_that_stays_turned_is_told_but_not_made_up(dance):
    joint = dance.skeleton.index("LeftForeArm")
    rotations = dance.rotations.copy()
    rotations[600:, joint] = rot.multiply(rotations[600:, joint], rot.from_expmap(np.array([2.9, 0, 0])))
    clip = planted(dance, rotations)
    mending = mend_faults(clip, ["flips"])
    assert mending.mended == []
    assert mending.left == find_faults(clip, ["flips"]) != []
    assert not mending.is_changed


def test_what_is_frozen_for_too_long_or_to_the_end_is_left(dance):
    joint = dance.skeleton.index("RightForeArm")
    rotations = dance.rotations.copy()
    for first, end in ((200, 215), (450, 490), (880, 900)):
        rotations[first:end, joint] = rotations[first, joint]
    mending = mend_faults(planted(dance, rotations), ["frozen"])
    assert [fault.first for fault in mending.mended] == [200]
    assert [fault.first for fault in mending.left] == [450, 880]
    assert mending.is_changed


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_a_knee_that_pops_backwards(dance, side):
    positions, world = forward(dance)
    upper, foot = (dance.skeleton.index(side + bone) for bone in ("UpLeg", "Foot"))
    bend = np.linalg.norm(positions[:, foot] - positions[:, upper], axis=1)
    middle = 30 + int(np.argmin(bend[30:-60]))
    rows = slice(middle - 5, middle + 6)
    along = positions[rows, foot] - positions[rows, upper]
    half = rot.from_expmap(np.pi * along / np.linalg.norm(along, axis=1, keepdims=True))
    rotations = dance.rotations.copy()
    rotations[rows, upper] = rot.multiply(rot.inverse(world[rows, 0]), rot.multiply(half, world[rows, upper]))
    over = rot.multiply(half, world[rows, dance.skeleton.index(f"{side}Leg")])
    rotations[rows, foot] = rot.multiply(rot.inverse(over), world[rows, foot])
    clip = planted(dance, rotations)
    faults = find_faults(clip, ["knees"])
    assert [(fault.first, fault.last) for fault in faults] == [(middle - 5, middle + 5)]
    assert side.lower() in faults[0].what
    (back,) = mended(clip, "knees")
    np.testing.assert_allclose(forward(back)[0], positions, atol=0.01)


def test_a_joint_that_is_frozen_for_a_while(dance):
    joint = dance.skeleton.index("RightForeArm")
    rotations = dance.rotations.copy()
    rotations[450:470, joint] = rotations[450, joint]
    clip = planted(dance, rotations)
    faults = find_faults(clip)
    assert kinds(faults) == {"frozen"}
    assert seconds(faults, "frozen") == [(15.0, pytest.approx(15.63, abs=0.01))]
    assert "'RightForeArm'" in faults[0].what
    mended(clip, "frozen")


def test_a_body_that_is_frozen(dance):
    rotations, root = dance.rotations.copy(), dance.translations[0].copy()
    rotations[450:480], root[450:480] = rotations[450], root[450]
    faults = find_faults(planted(dance, rotations, root), ["frozen"])
    assert [(fault.first, fault.last, fault.what) for fault in faults] == [(450, 479, "the whole body is frozen")]


def test_a_floor_at_another_height(dance):
    clip = planted(dance, root=dance.translations[0] + [0, 0.5, 0])
    faults = find_faults(clip)
    assert [(fault.kind, fault.what[:17]) for fault in faults] == [("floor", "the floor is 0.51")]
    (back,) = mended(clip, "floor")
    assert np.abs(back.translations[0] - dance.translations[0]).max() < 0.06


def test_feet_below_the_floor_are_put_onto_it(dance):
    dip = 0.2 * np.exp(-(((np.arange(900) - 600) / 6) ** 2))
    clip = planted(dance, root=dance.translations[0] - dip[:, None] * [0, 1, 0])
    faults = find_faults(clip, ["floor"])
    assert len(faults) == 1
    assert faults[0].first / FPS < 20 < faults[0].last / FPS
    assert faults[0].what.startswith("a foot is 0.")
    mended(clip, "floor")


def test_a_body_that_floats_longer_than_anybody_jumps(dance):
    rise = np.zeros(900)
    rise[300:360] = 0.4
    faults = find_faults(planted(dance, root=dance.translations[0] + rise[:, None] * [0, 1, 0]), ["floor"])
    assert [fault.what[:16] for fault in faults] == ["the body floats "]
    assert faults[0].first / FPS == pytest.approx(10, abs=0.1)


def test_a_floor_that_drifts(dance):
    slope = np.linspace(0, 0.3, 900)[:, None] * [0, 1, 0]
    clip = planted(dance, root=dance.translations[0] + slope)
    faults = find_faults(clip, ["drift"])
    assert [fault.what[:16] for fault in faults] == ["the floor rises "]
    (back,) = mended(clip, "drift")
    assert np.ptp(back.translations[0][:, 1] - dance.translations[0][:, 1]) < 0.05


@pytest.mark.parametrize("factor", [2, 4])
def test_a_rate_that_is_too_high(dance, factor):
    quick = replace(resample(dance, 60.0), fps=60.0 * factor)
    faults = find_faults(quick)
    assert kinds(faults) == {"rate"}
    assert faults[0].what.endswith("the true rate may be 60")


def test_what_has_no_legs_is_looked_at_for_what_it_can_have():
    chain = make_clip(90, skeleton=make_skeleton(num_joints=5))
    rotations = chain.rotations.copy()
    rotations[40, 2] = rot.multiply(rotations[40, 2], rot.from_expmap(np.array([2.9, 0, 0])))
    assert kinds(find_faults(replace(chain, rotations=rotations))) == {"flips"}


def test_what_cannot_be_mended_is_refused(dance):
    with pytest.raises(OptionsError, match="'rate' is nothing that can be mended; there are: t_pose, cuts"):
        mend_faults(dance, ["flips", "rate"])


def test_every_detector_tells_what_it_finds():
    assert all(detector.about and name == detector.name for name, detector in DETECTORS.items())
