"""Flags over files over presets over defaults; any leaf a flag; every problem at once, by flag or by file."""

import io
import json
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from tests.core.options.sample import (
    AffineConfig,
    BlockConfig,
    DeterministicConfig,
    EmaConfig,
    FlowConfig,
    InputConfig,
    ModelConfig,
    SplineConfig,
    TrainConfig,
    given,
)
from tests.examples import examples
from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.options import encode, load_yaml, parse


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("data", {}),
        ("--folder data", {}),
        ("data --rate 7e-5", {"rate": 7e-5}),
        ("--rate=7e-5 data", {"rate": 7e-5}),
        ("data --rate -1", {"rate": -1.0}),
        ("data --seed 3", {"seed": 3}),
        ("data --title 3", {"title": "3"}),
        ("data --title none", {"title": "none"}),
        ("data --title ' \"a\" '", {"title": ' "a" '}),
        ("data --title '# a: b'", {"title": "# a: b"}),
        ("data --title=--x", {"title": "--x"}),
        ("data --betas 0.5 1", {"betas": (0.5, 1.0)}),
        ("data --betas '[0.5, 1]'", {"betas": (0.5, 1.0)}),
        ("data --steps 1 2 -3", {"steps": [1, 2, -3]}),
        ("data --steps 1 2 --seed 3 --steps -3", {"steps": [1, 2, -3], "seed": 3}),
        ("data --steps=1 --steps=2", {"steps": [1, 2]}),
        ("data --betas 0.5 1 --betas 0.1 0.2", {"betas": (0.1, 0.2)}),
        ("data --seed 3 --seed 4", {"seed": 4}),
        ("data --steps []", {"steps": []}),
        ("data --resume", {"resume": True}),
        ("data --no_resume", {}),
        ("data --precision 16", {"precision": 16}),
        ("data --precision auto", {}),
        ("data --ema.decay 0.5", {"ema": EmaConfig(decay=0.5)}),
        ("data --ema '{decay: 0.5}'", {"ema": EmaConfig(decay=0.5)}),
        ("data --ema none", {}),
    ],
)
def test_a_leaf_is_a_flag(line, change):
    assert given(line) == TrainConfig(**{"folder": Path("data"), **change})


def flags_of(tree, prefix="--"):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flags_of(value, f"{prefix}{name}.")
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            yield from flags_of(dict(enumerate(value)), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}={value if isinstance(value, str) else json.dumps(value)}"


WORDS = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
INTEGERS = st.integers(-(2**63) + 1, 2**63 - 1)
HEADS = st.builds(
    FlowConfig,
    norm=st.sampled_from(["act", "none"]),
    coupling=st.builds(SplineConfig, bins=INTEGERS),
) | st.builds(DeterministicConfig, loss=st.text())
MODELS = st.builds(
    ModelConfig,
    inputs=st.dictionaries(
        WORDS, st.builds(InputConfig, length=INTEGERS, names=st.dictionaries(WORDS, st.text())), max_size=2
    ),
    head=HEADS,
)
TRAININGS = st.builds(
    TrainConfig,
    model=MODELS,
    folder=WORDS.map(Path),
    ema=st.none() | st.builds(EmaConfig),
    seed=st.none() | INTEGERS,
    rate=st.floats(-1e15, 1e15),
    title=st.text(),
    steps=st.lists(INTEGERS, max_size=3),
    resume=st.booleans(),
)


@settings(max_examples=examples(10))
@given_(TRAININGS, st.randoms())
def test_every_leaf_of_any_options_can_be_said_with_flags_in_any_order(options, random):
    flags = list(flags_of(encode(options)))
    flags = [flag.partition("=")[0] if flag == "--resume=true" else flag for flag in flags if flag != "--resume=false"]
    random.shuffle(flags)
    assert parse(TrainConfig, flags) == options


def test_the_last_of_two_equal_flags_wins():
    assert given("data --rate 1 --seed 3 --rate 2").rate == 2.0


def test_words_after_a_switch_or_a_value_are_positional():
    assert given("--resume data").folder == Path("data")
    assert given("--rate 2 data").folder == Path("data")


def test_a_path_may_look_like_a_number():
    assert given("2021").folder == Path("2021")


def test_hyphens_do_for_underscores():
    assert given("data --model.head.num-steps 3").model.head == FlowConfig(num_steps=3)


def test_flags_reach_into_lists_of_options():
    assert given("data --model.blocks.1.width 5").model.blocks == (BlockConfig(), BlockConfig(width=5))


def test_an_entry_of_a_mapping_is_made_by_naming_it():
    model = given("data --model.inputs.motion.length 60 --model.inputs.my-key.length 9").model
    assert model.inputs == {"motion": InputConfig(length=60), "my-key": InputConfig(length=9)}


def test_an_entry_of_a_mapping_of_words_is_made_by_naming_it():
    inputs = given("data --model.inputs.a.length 1 --model.inputs.a.names.left right").model.inputs
    assert inputs == {"a": InputConfig(length=1, names={"left": "right"})}


def test_an_entry_of_a_file_is_changed_whether_or_not_its_name_has_hyphens(write):
    write("a.yaml", "folder: data\nmodel: {inputs: {my-key: {length: 1, offset: 2}, audio: {length: 3}}}")
    inputs = parse(TrainConfig, shlex.split("--config a.yaml --model.inputs.my-key.length 9")).model.inputs
    assert inputs == {"my-key": InputConfig(length=9, offset=2), "audio": InputConfig(length=3)}


def test_a_chosen_type_replaces_the_node_whole_also_on_top_of_a_file(write):
    write("a.yaml", "model: {head: {type: flow, num_steps: 7}}")
    assert given("data --config a.yaml --model.head.type deterministic").model.head == DeterministicConfig()
    assert given("data --config a.yaml --model.head.type flow").model.head == FlowConfig(num_steps=7)


def test_a_type_is_chosen_before_the_flags_that_it_brings_wherever_it_stands():
    line = "data --model.head.coupling.bins 3 --model.head.coupling.type spline --model.head.type flow"
    assert given(line).model.head.coupling == SplineConfig(bins=3)


def test_a_file_that_names_no_type_means_the_default_type_when_a_flag_chooses_another(write):
    write("a.yaml", "model: {head: {num_steps: 7}}")
    assert given("data --config a.yaml --model.head.type deterministic").model.head == DeterministicConfig()


def test_precedence_is_flags_then_files_then_preset_then_tree_then_defaults(write, tmp_path):
    write("preset.yaml", "title: preset\nseed: 2\nrate: 2\nsteps: [2]")
    write("one.yaml", "extends: tiny\ntitle: one\nseed: 3\nrate: 3")
    write("two.yaml", "title: two\nseed: 4")
    options = given(
        "data --title flag --config one.yaml --config two.yaml",
        tree={"title": "tree", "betas": [0, 0], "steps": [1]},
        presets={"tiny": tmp_path / "preset.yaml"},
    )
    assert (options.title, options.seed, options.rate) == ("flag", 4, 3.0)
    assert (options.steps, options.betas, options.resume) == ([2], (0.0, 0.0), False)


def test_config_takes_presets_and_what_the_command_names_comes_first(write, tmp_path):
    write("preset.yaml", "seed: 1\nrate: 1")
    write("experiment.yaml", "seed: 2")
    presets = {"tiny": tmp_path / "preset.yaml"}
    assert given("data --config tiny", configs=["experiment.yaml"], presets=presets).seed == 1
    with pytest.raises(OptionsError, match=r"--config: no preset is called 'tinny' \(did you mean 'tiny'\?\)"):
        given("data --config tinny", presets=presets)


def test_print_config_prints_the_merged_options_as_a_file_and_stops(write, capsys):
    write("a.yaml", "model: {head: {type: flow, num_steps: 7}}")
    with pytest.raises(SystemExit) as stop:
        given("data --config a.yaml --rate 7e-5 --model.inputs.audio.length 3 --print_config")
    assert stop.value.code == 0
    write("b.yaml", capsys.readouterr().out)
    tree = load_yaml("b.yaml")
    assert (tree["rate"], tree["model"]["head"]["num_steps"]) == (7e-5, 7)
    assert parse(TrainConfig, ["--config", "b.yaml"]) == given(
        "data --config a.yaml --rate 7e-5 --model.inputs.audio.length 3"
    )


def test_all_problems_of_files_and_flags_are_listed_at_once_each_with_its_place(write):
    write("a.yaml", "rate: fast\nmodel: {head: {num_stepz: 3}}\nextends: b.yaml")
    write("b.yaml", "seed: x\nmodel: {inputs: {motion: {offset: 1}}}")
    with pytest.raises(OptionsError) as caught:
        parse(TrainConfig, shlex.split("--config a.yaml --betas 1 --modle.head.norm act --model.head.norm acd"))
    first, *lines = str(caught.value).splitlines()
    assert first == "8 problems with the options:"
    assert [line.strip() for line in lines] == [
        "--modle.head.norm: unknown flag (did you mean --model.head.norm?)",
        "folder: is required",
        "model.inputs.motion.length: is required",
        "a.yaml: model.head.num_stepz: unknown option (did you mean 'num_steps'?)",
        "--model.head.norm: should be 'act', 'batch' or 'none', got 'acd'",
        "a.yaml: rate: should be a valid number, got 'fast'",
        "b.yaml: seed: should be a valid integer, got 'x'",
        "--betas: item 1: Field required, got [1]",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("data --model.head.num_step 3", "--model.head.num_step: unknown flag (did you mean --model.head.num_steps?)"),
        ("data --num_steps 3", "--num_steps: unknown flag (did you mean --model.head.num_steps?)"),
        ("data --decay 3 --ema.decay 1", "--decay: unknown flag (did you mean --ema.decay?)"),
        ("data --qqqqq", "--qqqqq: unknown flag (see --help)"),
        ("data --rate.x 3", "--rate.x: unknown flag"),
        ("data --model.blocks.7.width 3", "--model.blocks.7.width: unknown flag"),
        ("data --model.head.loss x", "--model.head.loss: unknown flag"),
        ("data --model.head.type flwo", "--model.head.type: unknown head 'flwo' (did you mean 'flow'?)"),
        ("data --model.head.type", "Missing value for argument '--model.head.type'"),
        ("data --model.head flow", "--model.head: unknown flag"),
        ("data --rate", "Missing value for argument '--rate'"),
        ("data --rate 1 2", "Unrecognized options: 2"),
        ("data --resume=3", "Unrecognized options: 3"),
        ("a b", "Unrecognized options: b"),
        ("", "folder: is required"),
        ("data --config", "--config: expected one argument"),
        ("data --config nowhere.yaml", "nowhere.yaml: cannot be read"),
        ("data --seed 1.5", "--seed: should be a valid integer, got 1.5"),
        ("data --seed true", "--seed: should be a valid integer, got True"),
        ("data --ema 3", "--ema: expected options as `name: value`, got 3"),
        ("data --model.head.num_steps 0", "model.head: num_steps must be at least 1, got 0"),
        ("data --model.inputs.motion 3", "--model.inputs.motion: unknown flag"),
    ],
)
def test_a_wrong_flag_gives_one_line_that_names_it(write, line, message):
    with pytest.raises(TransflowerError) as caught:
        given(line)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_check_that_fails_because_of_a_file_names_the_file(write):
    write("a.yaml", "model: {head: {num_steps: 0}}")
    with pytest.raises(OptionsError, match=r"^a\.yaml: model\.head: num_steps must be at least 1, got 0$"):
        given("data --config a.yaml")


def test_nothing_is_printed_when_flags_are_wrong(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with pytest.raises(OptionsError):
        given("data --rate")
    assert sys.stderr.getvalue() == ""
    assert capsys.readouterr().out == ""


def test_the_default_of_a_part_is_a_fresh_object_each_time():
    assert given("data").model.head.coupling == AffineConfig()
    assert given("data").model.inputs is not given("data").model.inputs


def test_a_flag_does_not_hide_that_a_file_has_no_options_where_it_changes_one(write):
    write("base.yaml", "model:\n  inputs: {sound: {length: 3}}\n")
    write("x.yaml", "extends: base.yaml\nmodel: 5\n")
    with pytest.raises(OptionsError, match=r"x\.yaml: model: expected options as `name: value`, got 5"):
        given("data --config x.yaml --model.head.type deterministic")


@pytest.mark.parametrize("wrong", ["5", "[a, b]", "text"])
def test_a_flag_does_not_hide_that_a_mapping_is_none(write, wrong):
    write("x.yaml", f"model: {{inputs: {wrong}}}\n")
    with pytest.raises(OptionsError, match=r"x\.yaml: model\.inputs: expected options"):
        given("data --config x.yaml --model.inputs.sound.length 3")


@pytest.mark.parametrize("line", ["-dash.wav", "--rate 1 -x", "data -dash"])
def test_a_word_with_one_dash_is_hinted_at_as_a_file(line):
    word = line.split()[-1]
    with pytest.raises(OptionsError, match=rf"{word} is no flag; a file of that name is said \./{word}"):
        given(line)
