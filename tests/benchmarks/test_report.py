import json

import numpy as np
import pytest
from PIL import Image

from benchmarks.report import Report
from transflower.core.errors import DataError

ROWS = {"data": {"FPD": 6.8123, "beats": 40}, "model": {"FPD": 11.0, "skate": float("nan"), "beats": 38}}


def test_the_table_has_a_row_a_system_and_a_column_a_metric():
    assert Report(ROWS).text().splitlines() == [
        "|       |  FPD | beats | skate |",
        "| ----- | ---: | ----: | ----: |",
        "| data  | 6.81 |    40 |       |",
        "| model |   11 |    38 |   nan |",
    ]


def test_it_is_written_as_text_numbers_and_picture(tmp_path):
    Report(ROWS).write(tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["report.json", "report.md", "report.png"]
    numbers = json.loads((tmp_path / "report" / "report.json").read_text())
    assert numbers["data"]["FPD"] == 6.8123
    assert numbers["model"]["skate"] is None
    assert (tmp_path / "report" / "report.md").read_text() == Report(ROWS).text()
    with Image.open(tmp_path / "report" / "report.png") as image:
        assert np.asarray(image).std() > 0


def test_writing_again_replaces_the_folder(tmp_path):
    for rows in (ROWS, {"other": {"FPD": 1.0}}):
        Report(rows).write(tmp_path / "report")
    assert list(json.loads((tmp_path / "report" / "report.json").read_text())) == ["other"]


@pytest.mark.parametrize("rows", [{}, {"data": {}}])
def test_an_empty_report_is_refused(rows):
    with pytest.raises(DataError, match="at least one"):
        Report(rows)
