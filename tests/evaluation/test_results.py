import json
from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.metrics.factories import make_setting, make_system
from tests.evaluation.test_bootstrap import Largest, Level, levels
from transflower.core.errors import DataError
from transflower.evaluation.measuring import measure_systems
from transflower.evaluation.metric import Number
from transflower.evaluation.results import collect
from transflower.evaluation.tables import (
    as_csv,
    first_differences,
    latex,
    markdown,
    markdown_within,
    shown,
    told_within,
)


def measure(metrics, systems, *, compared=()):
    measured = measure_systems(metrics, systems, make_setting(systems[0]), draws=50)
    return collect(metrics, measured, stated={"seed": 0}, compared=compared)


@pytest.fixture(scope="module")
def results():
    real, model = (
        make_system(levels([0.5, 1.5, 2.5, 3.5]), "real"),
        make_system(levels([-1, -2, -3, -4]), "my_model & co"),
    )
    return measure([Level(), Largest()], [real, model])


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


class Less(Level):
    """The same, and less of it is better."""

    numbers = {"level": Number(title="level", better="lower"), "other": Number(title="other", better="lower")}  # noqa: RUF012


@pytest.fixture(scope="module")
def compared():
    values = np.array([10.0, 200, 3000, 40000, 5, 6])
    systems = [make_system(levels(values + more), name) for name, more in (("a", 0), ("b", 2), ("c", -1), ("real", 9))]
    return measure([Less(), Largest()], systems, compared=["a", "b", "c"])


def test_differences_of_systems_that_are_compared_are_paired_over_recordings(compared):
    found = compared.differences
    assert {name: list(rows) for name, rows in found.items()} == {"a": ["b", "c"], "b": ["c"]}
    assert (found["a"]["b"]["level"].value, found["a"]["b"]["level"].low) == pytest.approx((2, 2))
    assert found["b"]["c"]["level"].value == pytest.approx(-3)
    read = json.loads(json.dumps(compared.json(), allow_nan=False))["differences"]
    assert read["a"]["c"]["level"]["high"] == pytest.approx(-1)
    assert read["a"]["c"]["other"]["value"] is None


def test_tables_tell_differences_from_the_first_model_whatever_it_lacks():
    values = np.array([1.0, 2, 3, 4, 5, 6])
    # What is negative has no level, the first metric here.
    systems = [make_system(levels(values * sign), name) for name, sign in (("a", -1), ("b", 1), ("c", 2))]
    found = measure([Level(), Largest()], systems, compared=["a", "b", "c"])
    assert {name: list(rows) for name, rows in found.differences.items()} == {"a": ["b", "c"], "b": ["c"]}
    assert first_differences(found)[1].startswith("difference from a,")


def test_tables_tell_differences_from_the_first_system(compared):
    told = told_within(compared, 500).split("\n\n")
    assert len(told) == 2
    assert told[1].startswith("| difference from a, paired over recordings |")
    assert "| level ↓ " in told[1]
    assert "2 (2 to 2)" in told[1]
    assert "largest" not in told[1], "it has no direction"
    assert "b,level,level,2.0,2.0,2.0,6,a" in as_csv(compared)


def test_one_system_has_no_differences(results):
    assert results.differences == {}
    assert told_within(results, 500) == markdown(results)


def test_nothing_measurable_is_refused_with_the_reason():
    one = make_system({"a": [np.full((2, 1), -1.0)]})
    with pytest.raises(DataError, match="nothing could be measured: it is negative"):
        measure([Level()], [one])


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
