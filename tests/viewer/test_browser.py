"""The page in a real browser, opened as a file."""

import json
import time

import pytest

from tests.viewer.chromium import NEEDS_CHROMIUM
from tests.viewer.factories import METRES_PER_SECOND
from tests.viewer.pages import hips, settle, state

pytestmark = NEEDS_CHROMIUM


def test_it_opens_as_a_file_and_asks_for_nothing(opened, page):
    assert opened.run("document.title") == opened.run("document.querySelector('h1').textContent") == "Two & <more>"
    opened.click("#play")
    time.sleep(0.5)
    opened.run("fetch('https://example.com/').catch(() => 0)")
    assert opened.requested() == [page.as_uri()]
    complaints = opened.complaints()
    assert all("example.com" in one or "Content Security Policy" in one for one in complaints), complaints


def test_five_seconds_of_it_move_the_joints_with_the_song(opened):
    start = hips(opened)
    opened.click("#play")
    opened.wait("transflower.player.playing")
    began, first = time.monotonic(), state(opened)["time"]
    time.sleep(5)
    now, lasted = state(opened), time.monotonic() - began
    assert now["playing"]
    assert now["time"] - first == pytest.approx(lasted, abs=0.5)  # the machine may be busy
    assert now["pictures"] > 10
    opened.click("#play")
    settle(opened)
    stopped = state(opened)
    assert not stopped["playing"]
    assert hips(opened)[0] - start[0] == pytest.approx(METRES_PER_SECOND * stopped["drawn"], abs=1e-3)


def test_at_the_end_it_stops_and_plays_again_from_the_start(opened):
    opened.run("transflower.player.seek(7.8)")
    opened.click("#play")
    opened.wait("!transflower.player.playing && transflower.drawn === 8")
    opened.click("#play")
    opened.wait("transflower.player.playing && transflower.player.time() < 5")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_follow_the_system_until_the_user_chooses(browser, page, theme):
    browser.open(page)
    browser.run("localStorage.clear()")
    browser.open(page, theme=theme)
    assert state(browser)["theme"] == theme
    dark = browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 28)"
    assert dark == (theme == "dark")
    browser.press("d")
    browser.open(page, theme=theme)
    assert state(browser)["theme"] != theme


def test_a_frame_of_another_page_shows_it_too(browser, page, tmp_path):
    outer = tmp_path / "notebook.html"
    text = json.dumps(page.read_text(encoding="utf-8")).replace("<", "\\u003c")
    outer.write_text(
        f"<iframe width=800 height=500></iframe><p id=message hidden></p><script>window.transflower = 0;"
        f"document.querySelector('iframe').srcdoc = {text}</script>"
    )
    browser.open(outer)
    browser.wait("frames[0].transflower?.pictures > 0")
