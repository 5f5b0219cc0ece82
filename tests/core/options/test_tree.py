"""Trees become options with every problem at once, and options become trees again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.options.sample import (
    AffineConfig,
    BlockConfig,
    DeterministicConfig,
    EmaConfig,
    FlowConfig,
    HeadConfig,
    InputConfig,
    ModelConfig,
    SplineConfig,
    TrainConfig,
)
from transflower.core.errors import OptionsError
from transflower.core.options import decode, dump_yaml, encode, load_yaml, merge

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)
INTS = st.integers(-(10**6), 10**6)
FLOATS = st.floats(-1e15, 1e15)
COUPLINGS = st.builds(AffineConfig, max_scale=FLOATS) | st.builds(SplineConfig, bins=INTS)
HEADS = st.builds(
    FlowConfig, num_steps=st.integers(1, 99), norm=st.sampled_from(["act", "batch", "none"]), coupling=COUPLINGS
) | st.builds(DeterministicConfig, loss=st.text(max_size=8))
INPUTS = st.builds(InputConfig, length=INTS, offset=INTS, names=st.dictionaries(NAMES, NAMES, max_size=2))
MODELS = st.builds(
    ModelConfig,
    inputs=st.dictionaries(NAMES, INPUTS, max_size=2),
    head=HEADS,
    blocks=st.lists(st.builds(BlockConfig, width=INTS), max_size=2).map(tuple),
)
TRAININGS = st.builds(
    TrainConfig,
    folder=NAMES.map(Path),
    model=MODELS,
    ema=st.none() | st.builds(EmaConfig, decay=FLOATS),
    rate=FLOATS,
    seed=st.none() | INTS,
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
    | st.sampled_from(["7e-5", "no", "1:30", "null", "true", "3", "~", "", "010", "a: b", "# x", "2020-01-01"]),
    betas=st.tuples(FLOATS, FLOATS),
    steps=st.lists(INTS, max_size=3),
    resume=st.booleans(),
    precision=st.sampled_from([16, 32, "auto"]),
)


@given(TRAININGS)
def test_options_written_to_yaml_are_read_back_equal(tmp_path_factory, options):
    path = tmp_path_factory.mktemp("round") / "config.yaml"
    path.write_text(dump_yaml(encode(options)), encoding="utf-8")
    assert decode(TrainConfig, load_yaml(path)) == options


@given(HEADS)
def test_a_part_alone_is_read_back_equal_by_its_base_and_by_its_class(head):
    assert decode(HeadConfig, encode(head)) == head
    assert decode(type(head), encode(head)) == head


def test_numbers_of_numpy_are_written_as_plain_ones():
    tree = encode(AffineConfig(max_scale=np.float64(0.5)))
    assert type(tree["max_scale"]) is float
    assert "max_scale: 0.5" in dump_yaml(tree)


def test_an_empty_tree_gives_the_defaults():
    assert decode(TrainConfig, {"folder": "data"}) == TrainConfig(folder=Path("data"))


def test_a_part_without_type_is_the_default_of_its_field_with_changes():
    head = decode(ModelConfig, {"head": {"norm": "batch"}}).head
    assert head == FlowConfig(num_steps=4, norm="batch")


def test_a_part_of_another_type_starts_from_the_defaults_of_its_class():
    assert decode(ModelConfig, {"head": {"type": "deterministic"}}).head == DeterministicConfig()


def test_parts_within_parts_are_chosen_by_type():
    head = decode(ModelConfig, {"head": {"coupling": {"type": "spline", "bins": 3}}}).head
    assert head == FlowConfig(num_steps=4, coupling=SplineConfig(bins=3))


def test_optional_options_can_be_given_and_taken_away():
    assert decode(TrainConfig, {"folder": "a", "ema": {}}).ema == EmaConfig()
    assert decode(TrainConfig, {"folder": "a", "ema": None}).ema is None


def test_an_entry_of_a_mapping_is_taken_away_by_null():
    tree = merge({"inputs": {"motion": {"length": 3}, "audio": {"length": 4}}}, {"inputs": {"audio": None}})
    assert decode(ModelConfig, tree).inputs == {"motion": InputConfig(length=3)}


def test_all_problems_are_listed_at_once_with_their_dotted_paths():
    tree = {
        "model": {
            "inputs": {"motion": {"offset": "x"}, "audio": 3},
            "head": {"num_steps": 0, "coupling": {"type": "splin"}},
            "blocks": [{}, {"widht": 3}],
        },
        "rate": True,
        "betas": [0.9],
        "resume": "yes",
        "zzz": 1,
    }
    with pytest.raises(OptionsError) as caught:
        decode(TrainConfig, tree)
    first, *lines = str(caught.value).splitlines()
    assert first == "10 problems with the options:"
    starts = [
        "zzz: unknown option (there are: folder, model,",
        "folder: is required",
        "model.inputs.motion.length: is required",
        "model.inputs.motion.offset: should be a valid integer, got 'x'",
        "model.inputs.audio: expected options as `name: value`, got 3",
        "model.head.coupling.type: unknown coupling 'splin' (did you mean 'spline'?)",
        "model.blocks.1.widht: unknown option (did you mean 'width'?)",
        "rate: should be a valid number, got True",
        "betas: item 1: Field required, got [0.9]",
        "resume: should be a valid boolean, got 'yes'",
    ]
    assert len(lines) == len(starts)
    assert all(line.strip().startswith(start) for line, start in zip(lines, starts, strict=True))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"model": {"head": {"num_steps": 0}}}, "model.head: num_steps must be at least 1, got 0"),
        ({"model": {"inputs": {c: {"length": 1} for c in "abcd"}}}, "model: at most three inputs"),
        ({"model": {"head": {"type": "flwo"}}}, "model.head.type: unknown head 'flwo' (did you mean 'flow'?)"),
        ({"model": {"head": {"type": ["flow"]}}}, "model.head.type: unknown head"),
        ({"model": {"head": {"type": "deterministic", "num_steps": 3}}}, "model.head.num_steps: unknown option"),
        ({"model": {"head": None}}, "model.head: expected options as `name: value`, got None"),
        ({"model": {"head": "flow"}}, "model.head: expected options as `name: value`, got 'flow'"),
        ({"model": {"inputs": []}}, "model.inputs: expected options as `name: value`, got []"),
        ({"model": {"blocks": {"width": 3}}}, "model.blocks: expected a list"),
        ({"modle": {}}, "modle: unknown option (did you mean 'model'?)"),
        ({"type": "x"}, "type: unknown option"),
        ({"seed": True}, "seed: should be a valid integer, got True"),
        ({"seed": 3.0}, "seed: should be a valid integer"),
        ({"seed": "3"}, "seed: should be a valid integer, got '3'"),
        ({"title": 3}, "title: should be a valid string, got 3"),
        ({"rate": "fast"}, "rate: should be a valid number, got 'fast'"),
        ({"steps": 3}, "steps: should be a valid array, got 3"),
        ({"steps": [1, "x"]}, "steps: item 1: should be a valid integer"),
        ({"precision": 8}, "precision: should be 16 or 32 or should be 'auto', got 8"),
        ({"folder": 3}, "folder: "),
    ],
)
def test_a_problem_names_place_value_and_remedy(tree, message):
    with pytest.raises(OptionsError) as caught:
        decode(TrainConfig, {"folder": "data", **tree})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_base_without_default_asks_for_a_type():
    with pytest.raises(OptionsError, match=r"^type: is required, one of: deterministic, flow"):
        decode(HeadConfig, {})


def test_a_class_refuses_the_type_of_another():
    with pytest.raises(OptionsError, match=r"^type: must be 'flow' here, got 'deterministic'"):
        decode(FlowConfig, {"type": "deterministic"})


def test_whole_numbers_are_fine_where_reals_are_wanted():
    options = decode(TrainConfig, {"folder": "a", "rate": 1})
    assert isinstance(options.rate, float)


def test_merge_goes_deep_and_leaves_its_inputs_alone():
    base = {"model": {"head": {"type": "flow", "num_steps": 3}, "depth": 1}, "rate": 1}
    over = {"model": {"head": {"num_steps": 5}}, "seed": 2}
    merged = merge(base, over)
    assert merged == {"model": {"head": {"type": "flow", "num_steps": 5}, "depth": 1}, "rate": 1, "seed": 2}
    assert base["model"]["head"]["num_steps"] == 3
    assert over == {"model": {"head": {"num_steps": 5}}, "seed": 2}


def test_merge_replaces_a_node_whose_type_changes_and_keeps_one_whose_type_stays():
    base = {"head": {"type": "flow", "num_steps": 3}}
    assert merge(base, {"head": {"type": "deterministic"}}) == {"head": {"type": "deterministic"}}
    assert merge(base, {"head": {"type": "flow"}}) == base


def test_merge_replaces_lists_whole():
    assert merge({"steps": [1, 2]}, {"steps": [3]}) == {"steps": [3]}
