import json
from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system
from tests.evaluation.test_bootstrap import Largest, Level, levels
from transflower.core.errors import DataError
from transflower.evaluation.results import measure
from transflower.evaluation.tables import as_csv, latex, markdown, markdown_within, shown


@pytest.fixture(scope="module")
def results():
    real, model = (
        make_system(levels([0.5, 1.5, 2.5, 3.5]), "real"),
        make_system(levels([-1, -2, -3, -4]), "my_model & co"),
    )
    return measure([Level(), Largest()], [real, model], make_setting(real), stated={"seed": 0}, draws=50)


def test_what_could_not_be_measured_is_told_with_its_reason(results):
    assert set(results.systems["my_model & co"]) == {"largest"}
    assert results.missing == {"my_model & co": {"Level": "it is negative"}}
    assert results.group("level") == "body"
    assert results.definitions["Level"].text == "The mean of the first column."


def test_results_are_json_without_nan(results):
    read = json.loads(json.dumps(results.json(), allow_nan=False))
    assert read["systems"]["real"]["level"]["value"] == 2
    assert read["systems"]["real"]["other"]["value"] is None
    assert read["metrics"]["Level"]["columns"] == ["level", "other"]


def test_tables_hold_every_number_with_its_interval(results):
    found = results.systems["real"]["level"]
    table = markdown(results)
    assert f"2 ({found.low:.3g} to {found.high:.3g})" in table
    assert len({len(line) for line in table.splitlines()}) == 1
    assert "my_model & co" in table
    assert r"my\_model \& co" in latex(results)
    assert latex(results).count(r"\\") == 5
    lines = as_csv(results).splitlines()
    assert len(lines) == 1 + 4
    assert lines[1].startswith(f"real,level,level,2.0,{found.low!r}")


def test_nothing_measurable_is_refused_with_the_reason():
    one = make_system({"a": [np.full((2, 1), -1.0)]})
    with pytest.raises(DataError, match="nothing could be measured: it is negative"):
        measure([Level()], [one], make_setting(one), stated={})


def test_a_table_wider_than_a_terminal_is_several_of_as_many_systems_as_fit(results):
    systems = {f"model {index}": results.systems["real"] for index in range(5)}
    many = replace(results, systems=systems)
    whole, two = (markdown(replace(many, systems=dict(list(systems.items())[:some]))) for some in (5, 2))
    assert markdown_within(many, whole.index("\n")) == whole
    tables = markdown_within(many, whole.index("\n") - 1).split("\n\n")
    assert len(tables) == 2
    tables = markdown_within(many, two.index("\n")).split("\n\n")
    assert len(tables) == 3
    assert tables[0] + "\n" == two
    assert len(markdown_within(many, 10).split("\n\n")) == 5


def test_whole_numbers_are_shown_as_such():
    assert [shown(value) for value in (9000.0, 12.0, 12.34, 0.0, 0.1234)] == ["9000", "12", "12.3", "0", "0.123"]
