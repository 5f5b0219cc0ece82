import numpy as np
import pytest

from tests.synthetic.factories import FPS, perform
from transflower.evaluation.beat_alignment import hip_beat_metrics
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward, tip_positions
from transflower.synthetic.dancer import dance
from transflower.synthetic.moves import MOVES
from transflower.synthetic.skeleton import BALL_HEIGHT, SKELETON
from transflower.synthetic.songs import STYLES
from transflower.synthetic.tremor import TREMOR_DEGREES


@pytest.fixture(scope="module", params=STYLES)
def all_moves(request):
    """Every move once, to slow or quick music, in an order of the style's own."""
    index = STYLES.index(request.param)
    moves = [str(name) for name in np.random.default_rng(index).permutation(list(MOVES))]
    performance, beats = perform(moves, style=request.param, tempo=[128, 110, 86, 98][index], energy=0.9, seed=index)
    return performance.clip, beats


def joint(positions, name):
    return positions[:, SKELETON.index(name)]


def test_the_ball_of_a_foot_that_stands_does_not_slide(all_moves):
    clip, _ = all_moves
    positions, _ = forward(clip)
    for side in ("Left", "Right"):
        ball = joint(positions, side + "ToeBase")
        stands = np.abs(ball[:, 1] - BALL_HEIGHT) < 0.005
        edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(int)))
        stretches = list(zip(edges[::2], edges[1::2], strict=True))
        assert len(stretches) > 20
        for start, stop in stretches:
            spread = np.ptp(ball[start:stop, [0, 2]], axis=0)
            assert np.hypot(*spread) < 0.01, f"{side} foot slides at {start / FPS:.2f} s"


def test_some_foot_is_on_the_floor_unless_the_dancer_jumps(all_moves):
    clip, _ = all_moves
    positions, _ = forward(clip)
    lowest = np.minimum(joint(positions, "LeftToeBase")[:, 1], joint(positions, "RightToeBase")[:, 1])
    assert (lowest < BALL_HEIGHT + 0.01).mean() > 0.95


def test_nothing_goes_through_the_floor(all_moves):
    clip, _ = all_moves
    positions, rotations = forward(clip)
    assert positions[..., 1].min() > -0.01
    assert tip_positions(clip)[..., 1].min() > -0.01
    for side in ("Left", "Right"):
        foot = SKELETON.index(side + "Foot")
        heel = positions[:, foot] + rot.rotate(rotations[:, foot], np.array([0.0, -0.08, -0.05]))
        assert heel[:, 1].min() > -0.01


def test_knees_bend_forward_and_never_lock(all_moves):
    clip, _ = all_moves
    for side in ("Left", "Right"):
        knee = np.degrees(rot.to_expmap(clip.rotations[:, SKELETON.index(side + "Leg")]))
        assert knee[:, 0].min() > 5
        assert knee[:, 0].max() < 150
        assert np.abs(knee[:, 1:]).max() < 8


def test_no_joint_jumps(all_moves):
    clip, _ = all_moves
    positions, _ = forward(clip)
    turn = rot.angle_between(clip.rotations[:-1], clip.rotations[1:]) * FPS
    assert turn.max() < 32
    speed = np.linalg.norm(np.diff(positions, axis=0), axis=-1) * FPS
    assert speed.max() < 12
    # A jump of one frame would be an acceleration far above that of any limb.
    assert np.linalg.norm(np.diff(positions, n=2, axis=0), axis=-1).max() * FPS**2 < 220


def test_the_hips_keep_the_beat(all_moves):
    clip, beats = all_moves
    error = hip_beat_metrics(clip, beats)
    assert error.seconds < 0.04
    assert error.chance == pytest.approx((beats[1] - beats[0]) / 4, rel=0.05)
    assert error.dips_per_beat == pytest.approx(1, abs=0.15)


def test_the_hips_go_over_the_standing_foot():
    performance, beats = perform(["step_touch"])
    positions, _ = forward(performance.clip)
    frames = np.round((beats[np.array([1, 3, 5])]) * FPS).astype(int)
    hips, left, right = (joint(positions, name)[frames, 0] for name in ("Hips", "LeftFoot", "RightFoot"))
    side = 1 if not performance.mirrored[0] else -1
    for frame, free in enumerate((-1, 1, -1)):
        foot = left if free * side < 0 else right
        other = right if free * side < 0 else left
        assert abs(hips[frame] - foot[frame]) < abs(hips[frame] - other[frame])


def test_every_joint_tremors_by_the_stated_amount_or_more():
    clip = perform(["hip_circle"])[0].clip
    vectors = np.degrees(rot.to_expmap(rot.multiply(rot.inverse(clip.rotations[:1]), clip.rotations)))
    assert vectors.std(axis=0).min() > 0.5 * TREMOR_DEGREES


def test_the_same_seed_gives_the_same_dance_and_another_one_another():
    first, again, other = (perform(["walk", "vogue"], seed=seed)[0].clip for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.rotations, again.rotations)
    np.testing.assert_array_equal(first.translations[0], again.translations[0])
    assert np.abs(first.rotations - other.rotations).max() > 0.05


def test_energetic_music_makes_larger_movements():
    def speed(energy):
        positions, _ = forward(perform(["step_touch", "groove"], energy=energy)[0].clip)
        return np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean()

    assert speed(1.0) > 1.1 * speed(0.1)


def test_there_is_a_frame_for_every_moment_of_the_song():
    clip = perform(["walk"])[0].clip
    seconds = 0.5 + 8 * 60 / 110
    assert clip.num_frames == int(np.ceil(seconds * FPS))


def test_hips_keep_beats_that_come_faster_and_slower():
    beats = 0.5 + np.cumsum(0.6 + 0.15 * np.sin(np.arange(49) / 6))
    moves = ["step_touch", "groove", "walk", "chest_pump", "jump_out", "hip_bump"]
    performance = dance(
        moves,
        beats,
        style="funk",
        energies=[0.7] * 6,
        seconds=float(beats[-1]),
        fps=FPS,
        rng=np.random.default_rng(0),
    )
    error = hip_beat_metrics(performance.clip, beats)
    assert error.seconds < 0.03
    assert error.dips_per_beat == pytest.approx(1, abs=0.1)
