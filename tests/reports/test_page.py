"""The page of a report as text: what it holds, and what it does not let out."""

import base64
import gzip
import json
import math
import re

import numpy as np
import pytest

from tests.reports.factories import make_reported, make_results
from transflower.core.errors import FormatError
from transflower.core.plain import plain
from transflower.reports.page import write_report

EVIL = "</script><script>alert(1)</script>@DATA@"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    systems, setting = make_reported(EVIL)
    write_report(
        folder / "report.html", make_results(systems), systems, setting, runs={EVIL: None}, songs={"one": None}
    )
    return (folder / "report.html").read_text()


def element(page, name):
    return re.search(rf'<script type="[^"]+" id="{name}">([^<]*)</script>', page).group(1)


def test_the_data_are_those_of_the_results(page):
    data = json.loads(element(page, "report-data"))
    assert data["systems"] == [
        {"name": EVIL, "kind": "dances"},
        {"name": "still", "kind": "dances"},
        {"name": "real", "kind": "data"},
    ]
    assert data["values"][EVIL] == {"fpd": [0.0, -0.5, None, 2], "nats": [-1.25, -1.5, -1.0, 2]}
    assert data["differences"] == {EVIL: {"still": {"fpd": [1.0, 0.5, 1.5, 2]}}}
    assert data["missing"][0] == {"system": "still", "metric": "Likelihood", "reason": "it has no density"}
    assert data["setting"]["frames per second"] == 30
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", data["setting"]["date"])
    assert data["metrics"]["Frechet"]["group"] == "distribution"
    assert data["columns"][0] == {"key": "fpd", "title": "FPD", "better": "lower", "metric": "Frechet"}
    assert {"densities", "poseMap", "roses", "drift", "learning"} < set(data)


def test_names_cannot_end_the_element_that_they_stand_in(page):
    assert "<script>alert" not in page
    assert page.count('id="report-data"') == 1
    assert "&lt;/script&gt;" in re.search("<title>(.*)</title>", page).group(1)


def test_the_dances_are_pages_of_the_viewer(page):
    data = json.loads(element(page, "report-data"))
    (scene,) = data["dances"]
    assert scene["names"] == ["real", f"{EVIL} 1", f"{EVIL} 2", "still"]
    inner = gzip.decompress(base64.b64decode(element(page, scene["id"]))).decode()
    shown = json.loads(element(inner, "page-data"))
    assert [dancer["hue"] for dancer in shown["dancers"]] == [8, 0, 0, 1]
    assert shown["beats"][0] == 0.5


def test_a_page_in_the_page_may_run(page):
    """Frames obey the rules of the page around them, too."""

    def rules(html):
        found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html).group(1)
        return {rule.split()[0]: set(rule.split()[1:]) for rule in found.split(";") if rule.strip()}

    inner = gzip.decompress(base64.b64decode(element(page, "dances-0"))).decode()
    for name, sources in rules(inner).items():
        assert sources <= rules(page)[name]


def test_the_page_asks_for_nothing(page):
    head, _, _ = page.partition('id="report-data"')
    assert not re.search(r'(src|href)="(?!#)', head)
    assert not re.search(r"@import|url\(", head)
    assert re.search(r"default-src 'none'", head)


def test_it_is_small_without_dances(tmp_path):
    systems, setting = make_reported()
    write_report(tmp_path / "report.html", make_results(systems), systems, setting, runs={}, songs={})
    assert (tmp_path / "report.html").stat().st_size < 250_000


def test_a_sound_that_cannot_be_read_leaves_no_page(tmp_path):
    systems, setting = make_reported()
    songs = {"one": tmp_path / "one.wav"}
    songs["one"].write_bytes(b"no sound")
    with pytest.raises(FormatError, match=r"one\.wav"):
        write_report(tmp_path / "report.html", make_results(systems), systems, setting, runs={}, songs=songs)
    assert list(tmp_path.iterdir()) == [songs["one"]]


def test_plain_values_are_what_json_can_hold():
    found = plain(
        {"a": np.array([1.23456789, math.nan]), "b": (1, True, None, "x"), "c": np.float64(math.inf)}, digits=5
    )
    assert json.dumps(found, allow_nan=False) == '{"a": [1.2346, null], "b": [1, true, null, "x"], "c": null}'
