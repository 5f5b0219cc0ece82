import numpy as np
import pytest

from transflower.synthetic.footwork import (
    FootworkPlanner,
    PhrasePlan,
    foot_tracks,
    heading_track,
    weight_track,
)
from transflower.synthetic.moves import MOVES


def plan(*moves, mirrored=False):
    planner = FootworkPlanner(stance=0.1, start=np.zeros(2), heading=0.0)
    for index, move in enumerate(moves):
        planner.add(PhrasePlan(move=MOVES[move], mirrored=mirrored, start=8.0 * index))
    return planner


def test_weight_is_on_the_standing_foot_while_the_other_flies():
    planner = plan("walk", "mambo", "grapevine")
    beats = np.arange(0, 24, 0.02)
    weight = weight_track(planner.plan, beats, fps=100.0)
    for foot, sign in (("l", 1), ("r", -1)):
        for flight in planner.plan.flights[foot]:
            middle = np.searchsorted(beats, 0.5 * (flight.lift_off + flight.landing))
            assert middle == 0 or sign * weight[middle] < -0.2, (foot, flight.landing)


def test_feet_do_not_fly_at_once_but_in_jumps():
    planner = plan("walk", "step_touch", "mambo", "march", "rolling_turn", "paddle_turn")
    left, right = (planner.plan.flights[foot] for foot in ("l", "r"))
    for one in left:
        for other in right:
            assert min(one.landing, other.landing) - max(one.lift_off, other.lift_off) < 0.3


def test_a_mirrored_move_is_the_mirror_image():
    beats = np.arange(0, 8, 0.05)
    tracks = {}
    for mirrored in (False, True):
        planner = plan("grapevine", mirrored=mirrored)
        heading = heading_track(planner.plan, beats, 40.0)
        tracks[mirrored] = foot_tracks(planner.plan, beats, heading, 40.0)
    np.testing.assert_allclose(tracks[False]["l"].ball * [-1, 1, 1], tracks[True]["r"].ball, atol=1e-9)
    np.testing.assert_allclose(tracks[False]["l"].yaw, -tracks[True]["r"].yaw, atol=1e-9)


@pytest.mark.parametrize("name", MOVES)
def test_the_body_never_turns_far_over_a_foot(name):
    planner = plan(name, "walk")
    beats = np.arange(0, 15.5, 0.05)
    heading = heading_track(planner.plan, beats, 40.0)
    for track in foot_tracks(planner.plan, beats, heading, 40.0).values():
        # In a flight a foot may run ahead of the body.
        assert np.abs(heading - track.yaw).max() < np.radians(100)


def test_a_long_dance_stays_on_the_floor_and_returns_to_the_front():
    rng = np.random.default_rng(0)
    planner = FootworkPlanner(stance=0.1, start=np.zeros(2), heading=1.0)
    for index in range(200):
        move = MOVES[str(rng.choice(list(MOVES)))]
        planner.add(PhrasePlan(move=move, mirrored=planner.free == "r", start=8.0 * index, size=1.28))
    places = np.array([flight.target for flight in planner.plan.flights["l"] + planner.plan.flights["r"]])
    assert np.abs(places[:, [0, 2]]).max() < 1.5
    _, facing = planner.plan.headings[-1]
    assert abs((facing + np.pi) % (2 * np.pi) - np.pi) < 0.1
