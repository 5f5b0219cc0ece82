"""Options of the heads are given to a call by name."""

import pytest

from tests.models.factories import class_model, tiny_model
from transflower.core.errors import OptionsError
from transflower.models.head_options import decode_head_options
from transflower.models.heads.categorical import CategoricalSamplingOptions
from transflower.models.heads.sampling_options import HeadSamplingOptions


def decode(model, **given):
    return decode_head_options({name: model.head(name) for name in model.config.outputs}, given)


def test_each_head_takes_the_options_that_it_has():
    decoded = decode(class_model(), top_p=0.5)
    assert decoded == {"motion": HeadSamplingOptions(), "moves": CategoricalSamplingOptions(top_p=0.5)}
    assert decode(class_model()) == {"motion": HeadSamplingOptions(), "moves": CategoricalSamplingOptions()}


def test_a_name_that_no_head_has_lists_what_there_is():
    with pytest.raises(OptionsError, match=r"^sampling.steps: no head of this model .* \(there are: top_p\)$"):
        decode(class_model(), steps=3)
    with pytest.raises(OptionsError, match=r"^sampling.top_p: .* \(there are: none\)$"):
        tiny_model().stream(1, options={"top_p": 0.5})


@pytest.mark.parametrize("value", (0.0, 1.5, "many", None))
def test_a_value_that_is_none_is_refused_in_one_sentence(value):
    with pytest.raises(OptionsError, match=r"^sampling.top_p: .*, got ") as error:
        class_model().stream(1, options={"top_p": value})
    assert "\n" not in str(error.value)
