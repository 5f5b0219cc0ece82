"""The page as text: what it holds, and what it refuses."""

import base64
import gzip
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.viewer.factories import FPS, make_dance, make_rising_tone
from transflower.core.errors import DataError
from transflower.motion.resample import resample
from transflower.viewer import ShownDance, page_html, write_page
from transflower.viewer.page import is_page


def element(html, name):
    return re.search(rf'<script type="[^"]+" id="{name}">([^<]*)</script>', html).group(1)


def data_of(html):
    return json.loads(element(html, "page-data"))


def test_the_data_say_what_is_shown():
    dances = [make_dance("Ada", seconds=2, likelihood=True), make_dance("Grace", seconds=3)]
    beats = np.array([-0.5, 0.5, 2.5, 9.0])
    data = data_of(page_html(dances, title="Song", sound=make_rising_tone(seconds=1), beats=beats))
    assert (data["title"], data["seconds"], data["beats"]) == ("Song", 3.0, [0.5, 2.5])
    assert [dancer["name"] for dancer in data["dancers"]] == ["Ada", "Grace"]
    assert data["dancers"][0]["logLikelihood"] == pytest.approx(np.sin(np.arange(60) / FPS), abs=1e-3)
    assert data["dancers"][1]["logLikelihood"] is None
    waveform = np.frombuffer(base64.b64decode(data["waveform"]), np.uint8)

    assert waveform.max() == 255
    assert waveform[len(waveform) // 2 :].max() == 0


def test_dancers_are_glb_files_that_are_compressed():
    content = base64.b64decode(element(page_html([make_dance()], title="Song"), "dancer-0"))
    assert gzip.decompress(content)[:4] == b"glTF"


def test_a_character_is_shown_as_it_is():
    dance = replace(make_dance(), model=b"glTF and so on")
    html = page_html([dance], title="Song")
    assert base64.b64decode(element(html, "dancer-0")) == b"glTF and so on"
    assert data_of(html)["dancers"][0]["plain"] is False


def test_more_frames_than_a_screen_shows_are_left_out():
    dance = make_dance(seconds=1)
    clips = [resample(dance.clip, fps) for fps in (60.0, 240.0)]
    sizes = [len(element(page_html([replace(dance, clip=clip)], title="S"), "dancer-0")) for clip in clips]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.05)


def test_names_cannot_end_the_element_that_they_stand_in():
    html = page_html([make_dance("</script><script>alert(1)</script>")], title="<b>&@DATA@")
    assert "<script>alert" not in html
    assert data_of(html)["dancers"][0]["name"] == "</script><script>alert(1)</script>"
    assert "<title>&lt;b&gt;&amp;@DATA@</title>" in html


def test_names_that_are_no_text_are_cleaned(tmp_path):
    write_page(tmp_path / "a.html", [make_dance("dance\udcff", seconds=1)], title="song\udcff")
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert data_of(html)["dancers"][0]["name"] == "dance?"
    assert "<title>song?</title>" in html


def test_the_page_lets_nothing_out():
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page_html([make_dance()], title="S"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.group(1).split(";"))
    assert rules.pop("default-src") == "'none'"
    assert all(
        source in {"'none'", "blob:", "data:"} or source.startswith("'sha256-")
        for rule in rules.values()
        for source in rule.split()
    )


def test_the_same_dances_give_the_same_page():
    assert page_html([make_dance()], title="S") == page_html([make_dance()], title="S")


def test_a_page_is_known_again(tmp_path):
    write_page(tmp_path / "a.html", [make_dance(seconds=1)], title="S")
    (tmp_path / "b.html").write_text("<title>mine</title>")
    assert [is_page(tmp_path / name) for name in ("a.html", "b.html")] == [True, False]


@pytest.mark.parametrize("count", [0, 9])
def test_no_dance_and_too_many_are_refused(count):
    with pytest.raises(DataError, match="a page shows 1 to 8 dances"):
        page_html([make_dance()] * count, title="S")


def test_likelihoods_of_other_frames_are_refused():
    with pytest.raises(DataError, match="3 log-likelihoods do not fit the 240 frames of Ada"):
        ShownDance(name="Ada", clip=make_dance().clip, log_likelihood=np.zeros(3))
