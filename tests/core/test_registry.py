"""Parts are found by name; unknown names get an offer."""

import pytest

from transflower.core.errors import OptionsError
from transflower.core.registry import Registry


@pytest.fixture
def heads():
    registry = Registry("head")

    @registry.register("flow")
    class Flow:
        pass

    @registry.register("deterministic")
    class Deterministic:
        pass

    return registry


def test_a_class_is_found_under_its_name_and_the_name_under_its_class(heads):
    assert heads["flow"].__name__ == "Flow"
    assert heads.name_of(heads["flow"]) == "flow"


def test_names_are_sorted(heads):
    assert heads.names() == ["deterministic", "flow"]


def test_an_unknown_name_offers_the_nearest_and_lists_all(heads):
    with pytest.raises(OptionsError, match=r"unknown head 'flwo' \(did you mean 'flow'\?\).*deterministic, flow"):
        heads["flwo"]


def test_a_name_like_no_other_offers_nothing(heads):
    with pytest.raises(OptionsError) as caught:
        heads["zzz"]
    assert "did you mean" not in str(caught.value)


def test_a_name_is_given_only_once(heads):
    with pytest.raises(AssertionError, match="two heads are called 'flow'"):
        heads.register("flow")(object)
