"""Numbers in text are read up to a bound, and refused in a few words beyond it."""

import pytest

from transflower.core.numbers import parse_float, parse_int


@pytest.mark.parametrize(("text", "number"), [("0", 0), (" -12 ", -12), ("+7", 7), (str(2**64 - 1), 2**64 - 1)])
def test_whole_numbers_are_read(text, number):
    assert parse_int(text) == number


@pytest.mark.parametrize("text", ["", "1.5", "x", "9" * 21, "-" + "9" * 5000, "1" * 10**6])
def test_what_is_no_whole_number_is_refused_in_a_few_words(text):
    with pytest.raises(ValueError, match=r"not a whole number|digits") as caught:
        parse_int(text)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("text", "number"), [("1e-200", 1e-200), ("-.5", -0.5), ("1e15", 1e15), ("0." + "3" * 5000, 1 / 3)]
)
def test_numbers_are_read(text, number):
    assert parse_float(text) == number


@pytest.mark.parametrize("text", ["", "nan", "-inf", "1e400", "1.1e15", "9" * 5000, "1,5", "true"])
def test_what_is_no_usable_number_is_refused_in_a_few_words(text):
    with pytest.raises(ValueError, match=r"not a number|finite|too large") as caught:
        parse_float(text)
    assert len(str(caught.value)) < 100
