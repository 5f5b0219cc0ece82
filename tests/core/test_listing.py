import pytest

from transflower.core.listing import first_few, listing, name_some


@pytest.mark.parametrize(("count", "shown"), [(0, []), (2, ["a", "b"]), (3, ["a", "b", "and 1 more"])])
def test_a_list_is_cut_after_the_first_few(count, shown):
    assert first_few(["a", "b", "c"][:count], 2) == shown


def test_what_is_left_out_may_be_told_in_other_words():
    assert first_few(["a", "b", "c"], 1, more="{} more songs") == ["a", "2 more songs"]


@pytest.mark.parametrize(("most", "shown"), [(3, "a, b, c"), (2, "a, b and 1 more")])
def test_names_are_a_part_of_a_sentence(most, shown):
    assert name_some(["a", "b", "c"], most=most) == shown


def test_one_thing_needs_no_list():
    assert listing("wrong", ["a"]) == "wrong: a"
    assert listing("wrong", ["a", "b"]) == "wrong:\n  - a\n  - b"
