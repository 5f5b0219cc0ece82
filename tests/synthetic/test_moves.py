import numpy as np
import pytest

from transflower.synthetic.footwork import FootworkPlanner, PhrasePlan
from transflower.synthetic.moves import MOVES
from transflower.synthetic.songs import STYLES
from transflower.synthetic.style import MOTION_STYLES


def test_there_are_two_dozen_moves():
    assert len(MOVES) == 24


def test_every_style_of_music_has_a_feel_and_every_move_a_style():
    assert set(MOTION_STYLES) == set(STYLES)
    for move in MOVES.values():
        assert move.styles.keys() <= set(STYLES), move.name
        assert max(move.styles.values()) >= 0.8, move.name


@pytest.mark.parametrize("name", MOVES)
def test_a_move_begins_and_ends_with_the_left_foot_free(name):
    planner = FootworkPlanner(stance=0.1, start=np.zeros(2), heading=0.0)
    planner.add(PhrasePlan(move=MOVES[name], mirrored=False, start=0))
    assert MOVES[name].steps[0].foot == "l"
    assert planner.free == "l"


@pytest.mark.parametrize("name", MOVES)
def test_a_move_ends_facing_the_way_it_began(name):
    turned = MOVES[name].turn[-1][1] if MOVES[name].turn else 0
    assert turned % 360 == 0
