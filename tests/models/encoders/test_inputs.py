import pytest
import torch

from tests.models.encoders.factories import TIMELESS, motion, unzipped
from transflower.core.errors import ModelError
from transflower.models.encoders.inputs import count_positions

STREAMS, SPANS = unzipped({"motion": motion(-4, 4), "audio": motion(0, 6, dim=2)})
PERSON = unzipped({"person": TIMELESS["person"]})


def frames(motion: int, audio: int) -> dict[str, torch.Tensor]:
    return {"motion": torch.zeros(1, motion, 3), "audio": torch.zeros(1, audio, 2)}


def test_positions_are_what_is_longer_than_one_span():
    assert count_positions(STREAMS, SPANS, frames(6, 8)) == 3


def test_inputs_without_time_have_one_position():
    assert count_positions(*PERSON, {"person": torch.zeros(1, 3, 4)}) == 1


@pytest.mark.parametrize(
    ("lengths", "message"),
    (((6, 7), "'motion' 3, 'audio' 2"), ((3, 5), "'motion' 0, 'audio' 0"), ((1, 6), "'motion' 0, 'audio' 1")),
)
def test_lengths_that_do_not_agree_or_do_not_suffice_are_refused(lengths, message):
    with pytest.raises(ModelError, match=message):
        count_positions(STREAMS, SPANS, frames(*lengths))


def test_other_columns_are_refused():
    with pytest.raises(ModelError, match=r"'audio' has shape \[1, 6, 3\]"):
        count_positions(STREAMS, SPANS, frames(4, 6) | {"audio": torch.zeros(1, 6, 3)})


def test_a_whole_of_another_length_is_refused():
    with pytest.raises(ModelError, match=r"'person' has 4 rows.*for 3"):
        count_positions(*PERSON, {"person": torch.zeros(1, 4, 4)})
