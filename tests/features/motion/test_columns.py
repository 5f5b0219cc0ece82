import pytest

from tests.motion.factories import make_skeleton
from transflower.core.errors import DataError
from transflower.features.motion.columns import all_columns, named_columns

SUFFIXES = ("alpha", "beta", "gamma")


def test_joints_are_in_reverse_with_the_root_last_and_none_above_it():
    columns = all_columns(make_skeleton(above=("World",)), SUFFIXES)
    assert columns.joints == tuple(range(11, 0, -1))
    assert columns.names[:3] == ("RightFoot_alpha", "RightFoot_beta", "RightFoot_gamma")
    assert columns.names[-9:-6] == ("Hips_alpha", "Hips_beta", "Hips_gamma")
    assert len(columns.names) == 11 * 3 + 6


def test_positions_of_other_joints_stand_before_the_root_s():
    columns = all_columns(make_skeleton(), SUFFIXES, [1, 2])
    assert columns.moving == (2, 1)
    assert columns.names[-12:-6] == (
        *("Head_Xposition", "Head_Yposition", "Head_Zposition"),
        *("Spine_Xposition", "Spine_Yposition", "Spine_Zposition"),
    )


def test_one_named_position_makes_a_joint_move():
    assert named_columns(make_skeleton(), SUFFIXES, ["Head_Yposition"]).moving == (2,)
    assert named_columns(make_skeleton(), SUFFIXES, ["Hips_Yposition"]).moving == ()


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["Hips_alpha", "Tail_alpha"], "column 1 is called 'Tail_alpha'"),
        (["Hips_delta"], "column 0 is called 'Hips_delta'"),
        (["Spine_dXposition"], "column 0 is called 'Spine_dXposition'"),
        (["World_alpha"], "column 0 is called 'World_alpha'"),
        (["Hips_alpha", "Hips_beta", "Hips_alpha"], "column 2 is called 'Hips_alpha', as an earlier one is"),
    ],
)
def test_names_that_are_no_columns_are_refused_with_their_index(names, place):
    with pytest.raises(DataError, match=place):
        named_columns(make_skeleton(above=("World",)), SUFFIXES, names)
