import pytest

from transflower.core.errors import OptionsError
from transflower.core.options import decode, translate
from transflower.nn.flows import FlowConfig
from transflower.nn.flows.base_distributions import StudentTConfig


def read(flow: dict) -> FlowConfig:
    """As of the file of a model that was saved by another version."""
    return decode(FlowConfig, translate({"model": {"head": {"flow": flow}}})["model"]["head"]["flow"])


def test_options_of_before_are_read_by_their_names_of_today():
    before = {
        "num_steps": 2,
        "frame_steps": 1,
        "coarser": [3],
        "changed_half": "last",
        "linear": {"type": "lu", "start": "orthogonal"},
        "conditioner": {"type": "transformer", "norm": "post"},
        "memory": 4,
        "base": {"type": "student_t", "df": 4.0},
    }
    base = StudentTConfig(df=4.0)
    today = {"num_time_couplings": 1, "coarse_steps": (3,), "transformed_half": "last", "latent_ar": 4, "base": base}
    assert read(before) == FlowConfig(num_steps=2, **today)


@pytest.mark.parametrize(
    "flow",
    [
        {"base": {"type": "gaussian_mixture", "components": 24}},
        {"conditioner": {"type": "causal", "width": 8}},
        {"conditioner": {"type": "transformer", "norm": "pre"}},
        {"linear": {"type": "none"}},
    ],
)
def test_parts_that_are_gone_name_the_last_version_that_reads_them(flow):
    with pytest.raises(OptionsError, match=r"^model\.head\.flow\.\S+: \S+ is gone; transflower 0\.1\.0 is the last"):
        read(flow)
