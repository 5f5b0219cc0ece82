import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from transflower.core.errors import OptionsError
from transflower.core.options import load_yaml, parse, renamed, translate


@dataclass(frozen=True, kw_only=True)
class Look:
    """How it looks."""

    backdrop: str = "plain"
    """What stands behind."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a command."""

    render: Look = field(default_factory=Look)
    """Pictures."""
    foot_lock: bool = True
    """Feet that stay."""
    parts: dict[str, Look] = field(default_factory=dict)
    """Several."""


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"film": "render", "hold_feet": "foot_lock", "render.scenery": "backdrop", "parts.*.scenery": "backdrop"}
    monkeypatch.setattr(renamed, "RENAMED", table)
    monkeypatch.setattr(renamed, "REMOVED", {"render.grain": "nobody saw it"})
    monkeypatch.setattr(renamed, "LAST_READ", {("parts.*.backdrop", "curtain"): "0.1.0"})


def test_names_are_those_of_today_at_every_depth():
    tree = {"film": {"scenery": "night", "size": 3}, "parts": {"a": {"scenery": "x"}, "scenery": {"film": 1}}}
    assert translate(tree) == {
        "render": {"backdrop": "night", "size": 3},
        "parts": {"a": {"backdrop": "x"}, "scenery": {"film": 1}},
    }


def test_a_tree_is_not_changed_in_place():
    tree = {"film": {"scenery": "night"}}
    translate(tree)
    assert tree == {"film": {"scenery": "night"}}


def test_an_option_that_is_gone_is_left_out():
    assert translate({"film": {"grain": 1, "backdrop": "night"}}) == {"render": {"backdrop": "night"}}


def test_both_names_of_an_option_are_too_many():
    with pytest.raises(OptionsError, match=r"^film is called render now, and both are given; remove one$"):
        translate({"film": {}, "render": {}})
    with pytest.raises(OptionsError, match="both are given"):
        translate({"render": {}, "film": {}})


def test_weights_of_parts_that_are_gone_are_refused():
    with pytest.raises(OptionsError, match=r"^parts\.a\.backdrop: curtain is gone; transflower 0\.1\.0 is the last"):
        translate({"parts": {"a": {"scenery": "curtain"}}})


@pytest.mark.parametrize(
    ("given", "now"),
    [
        (["--film.scenery", "night"], Options(render=Look(backdrop="night"))),
        (["--film.scenery=night"], Options(render=Look(backdrop="night"))),
        (["--render.scenery", "night"], Options(render=Look(backdrop="night"))),
        (["--no_hold_feet"], Options(foot_lock=False)),
        (["--no-hold-feet"], Options(foot_lock=False)),
        (["--hold_feet"], Options()),
        (["--parts.one.scenery", "night"], Options(parts={"one": Look(backdrop="night")})),
        (["--film.grain", "3", "--foot_lock"], Options()),
    ],
)
def test_a_command_of_before_is_understood_and_told_in_one_line(
    given: list[str], now: Options, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        assert parse(Options, given) == now
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(f"--{given[0][2:].partition('=')[0]} is ")


def test_commands_of_today_are_told_nothing(caplog: pytest.LogCaptureFixture):
    parse(Options, ["--render.backdrop", "night", "--no_foot_lock", "--parts.film.backdrop", "x"])
    assert not caplog.messages


def test_a_file_of_before_is_understood_and_told_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "base.yaml").write_text("hold_feet: false\n")
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nfilm: {scenery: night}\n")
    for _ in range(2):
        read = parse(Options, ["--config", str(tmp_path / "mine.yaml")])
    assert read == Options(foot_lock=False, render=Look(backdrop="night"))
    assert caplog.messages == [
        f"{tmp_path / 'base.yaml'}: hold_feet is called foot_lock now",
        f"{tmp_path / 'mine.yaml'}: film is called render now",
        f"{tmp_path / 'mine.yaml'}: render.scenery is called backdrop now",
    ]


def test_files_that_the_program_wrote_are_read_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "config.yaml").write_text("film: {scenery: night}\n")
    assert translate(load_yaml(tmp_path / "config.yaml")) == {"render": {"backdrop": "night"}}
    assert not caplog.messages


def test_both_names_on_the_command_line_are_too_many():
    with pytest.raises(OptionsError, match=r"^--hold_feet is called --foot_lock now, and both are given; remove one$"):
        parse(Options, ["--hold_feet", "--no_x", "--foot_lock"])


def test_values_that_only_earlier_versions_read_are_refused_on_the_command_line():
    with pytest.raises(OptionsError, match=r"^parts\.a\.backdrop: curtain is gone; transflower 0\.1\.0 is the last"):
        parse(Options, ["--parts.a.backdrop", "curtain"])


def test_what_is_wrong_in_a_file_is_told_with_its_name(tmp_path: Path):
    (tmp_path / "mine.yaml").write_text("film: {}\nrender: {}\n")
    with pytest.raises(OptionsError, match=r"mine\.yaml: film is called render now, and both are given"):
        parse(Options, ["--config", str(tmp_path / "mine.yaml")])
