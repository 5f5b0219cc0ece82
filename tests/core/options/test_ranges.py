from dataclasses import dataclass
from pathlib import Path

import pytest

from transflower.cli import main
from transflower.core.errors import OptionsError
from transflower.core.options import decode, encode, parse
from transflower.core.options.ranges import Count, Jobs, Natural, NonNegative, Positive, Share, Temperature


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Of every kind."""

    plain: float = 1.0
    maybe: float | None = None
    pair: tuple[float, float] = (0.0, 0.0)
    whole: int = 1
    wholes: tuple[int, ...] = ()
    positive: Positive = 1.0
    optional: Positive | None = None
    non_negative: NonNegative = 0.0
    share: Share = 0.0
    temperature: Temperature = 1.0
    natural: Natural = 0
    counts: tuple[Count, ...] = ()
    jobs: Jobs = -1
    path: Path = Path("here")
    paths: tuple[Path, ...] = ()
    no_path: Path | None = None


@pytest.mark.parametrize("name", ["plain", "maybe", "positive", "optional", "non_negative", "share", "temperature"])
@pytest.mark.parametrize(
    "value", [".nan", ".inf", "-.inf", "1e400", "-1e999", pytest.param("1" + 400 * "0", id="long")]
)
def test_a_number_that_is_not_finite_is_refused_whatever_the_option(name, value):
    with pytest.raises(OptionsError, match=f"--{name}: should be a (finite|valid)? ?number"):
        parse(Numbers, [f"--{name}={value}"])


def test_a_number_that_is_not_finite_is_refused_in_a_list():
    with pytest.raises(OptionsError, match="pair: item 1: should be a finite number"):
        decode(Numbers, {"pair": [0.5, float("nan")]})


@pytest.mark.parametrize(
    "tree",
    [
        {"positive": 0},
        {"optional": -1},
        {"non_negative": -1e-9},
        {"share": 1},
        {"temperature": 1e3},
        {"natural": -1},
        {"counts": [1, 0]},
    ],
    ids=str,
)
def test_a_number_outside_the_range_of_its_kind_is_refused(tree):
    with pytest.raises(OptionsError, match=f"{next(iter(tree))}: .*should be (greater|less) than"):
        decode(Numbers, tree)


@pytest.mark.parametrize("jobs", [0, -2, 1025])
def test_work_is_done_by_some_processes_or_one_for_each_core(jobs):
    with pytest.raises(OptionsError, match="--jobs: should be a number of processes from 1 to 1024, or -1 for one a"):
        parse(Numbers, [f"--jobs={jobs}"])
    assert [parse(Numbers, [f"--jobs={some}"]).jobs for some in (-1, 1, 1024)] == [-1, 1, 1024]


@pytest.mark.parametrize(
    "words",
    [
        ["extract", "motion", "a.bvh"],
        ["extract", "audio", "a.wav"],
        ["motion", "check", "a.bvh"],
        ["motion", "clean", "a.bvh", "--out=out", "--mend=cuts"],
        ["data", "stats", "folder"],
        ["data", "import", "own", "folder", "--out=out"],
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_every_verb_refuses_to_work_by_no_process(words, capsys):
    assert main([*words, "--jobs=0"]) == 2
    assert "--jobs: should be a number of processes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (["generate", "song.wav", "--samples=100000000"], "samples"),
        (["evaluate", "model", "--data=data", "--samples=100001"], "samples"),
        (["evaluate", "model", "--data=data", "--draws=10000000000"], "draws"),
        (["demo", "--samples=1000000"], "samples"),
    ],
    ids=str,
)
def test_more_samples_than_anyone_can_keep_are_refused_at_once(words, flag, capsys):
    assert main(words) == 2
    assert f"--{flag}: should be less than or equal to 100000" in capsys.readouterr().err


@pytest.mark.parametrize("tree", [{"whole": 2**63}, {"wholes": [1, -(10**30)]}, {"pair": [0.0, 10**30]}], ids=str)
def test_a_whole_number_has_64_bits(tree):
    with pytest.raises(OptionsError, match="at most 64 bits"):
        decode(Numbers, tree)


def test_numbers_of_thousands_of_digits_are_refused_without_showing_them_all():
    with pytest.raises(OptionsError, match="--whole") as caught:
        parse(Numbers, ["--whole", "9" * 5000])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("tree", [{"path": ""}, {"paths": ["a", ""]}, {"no_path": ""}, {"path": "a\0b"}], ids=str)
def test_an_empty_path_is_refused(tree):
    with pytest.raises(OptionsError, match="should be the name of a file or folder"):
        decode(Numbers, tree)


def test_names_that_are_no_text_are_kept():
    name = "caf\udce9 \u00e9.wav"
    options = parse(Numbers, ["--path", name, "--paths", "a", "\udcff"])
    assert options.path == Path(name)
    assert options.paths == (Path("a"), Path("\udcff"))
    assert decode(Numbers, encode(options)) == options


def test_a_number_that_no_file_may_hold_is_refused_on_the_command_line_too():
    with pytest.raises(OptionsError, match="--plain: should be a number of at most 1e\\+15, got 1e\\+16"):
        parse(Numbers, ["--plain", "1e16"])
