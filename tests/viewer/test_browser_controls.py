"""The page in a real browser: mouse, keys and fingers."""

from dataclasses import replace

import pytest

from tests.viewer.chromium import NEEDS_CHROMIUM
from tests.viewer.factories import METRES_PER_SECOND, make_dance
from tests.viewer.pages import hips, settle, state
from transflower.viewer import MarkedStretch, write_page

pytestmark = NEEDS_CHROMIUM


def test_a_click_on_the_timeline_goes_there_and_to_a_beat_that_is_near(opened):
    opened.click("#timeline", x=0.6)
    settle(opened)
    assert state(opened)["drawn"] == pytest.approx(0.6 * 8, abs=0.02)
    assert hips(opened)[0] == pytest.approx(METRES_PER_SECOND * state(opened)["drawn"], abs=1e-3)
    opened.click("#timeline", x=2.51 / 8)
    assert state(opened)["time"] == 2.5


def test_everything_is_done_by_keyboard(opened):
    opened.press(" ")
    opened.wait("transflower.player.playing")
    opened.press("k")
    assert not state(opened)["playing"]
    opened.press("Home")
    opened.press("ArrowRight")
    assert state(opened)["time"] == 5
    opened.press(",")
    assert state(opened)["time"] == pytest.approx(5 - 1 / 30)
    opened.press(".")
    opened.press(".")
    assert state(opened)["time"] == pytest.approx(5 + 1 / 30)
    opened.press("-")
    assert state(opened)["speed"] == 0.75
    opened.press("=")
    opened.press("[")
    assert state(opened)["loop"] == {"start": pytest.approx(5 + 1 / 30), "end": 8}
    opened.press("l")
    assert state(opened)["loop"] is None
    for key, view in ("2", "follow"), ("3", "front"), ("4", "top"), ("1", "orbit"):
        opened.press(key)
        assert state(opened)["view"] == view
    for key, found in ("j", "labels"), ("p", "paths"), ("c", "contacts"):
        opened.press(key)
        assert opened.run(f"transflower.{found}.isShown")
    before = opened.run("transflower.cameras.camera.position.x")
    opened.press("ArrowLeft", shift=True)
    assert opened.run("transflower.cameras.camera.position.x") != before
    opened.press("m")
    opened.press("d")
    assert (state(opened)["muted"], state(opened)["theme"]) == (True, "light")
    opened.press("?")
    assert opened.run("document.getElementById('keys').open && document.querySelectorAll('#key-list dt').length > 15")
    opened.press("Escape")
    assert opened.complaints() == []


def test_tab_reaches_every_control_and_shows_where_it_is(opened):
    reached = []
    for _ in range(30):
        opened.press("Tab")
        reached.append(
            opened.run(
                "(() => { const e = document.activeElement, box = e.tagName === 'INPUT' ? e.closest('label') : e;"
                " const name = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent;"
                " return [e.id || e.value || name, getComputedStyle(box).outlineStyle !== 'none', name !== '']; })()"
            )
        )
    names = {name for name, _, _ in reached}
    expected = {"scene", "theme", "help", "timeline", "start", "back", "play", "forward", "speed", "loop", "mute"}
    assert expected | {"orbit", "Joint names", "Paths", "Contacts", "Side by side"} <= names
    assert all(is_seen and is_named for name, is_seen, is_named in reached if name in expected), reached


def test_arrow_keys_move_the_timeline_as_a_slider(opened):
    opened.run("document.getElementById('timeline').focus()")
    opened.press("ArrowRight")
    settle(opened)
    spoken = "document.getElementById('timeline').getAttribute('aria-valuetext')"
    assert (state(opened)["time"], opened.run(spoken)) == (1, "1 second")


def test_it_fits_a_phone_and_fingers_reach_the_controls(browser, page):
    browser.open(page, width=390, height=844, touch=True)
    boxes = browser.run(
        "[...document.querySelectorAll('button, select, #views label, #dancers label, #timeline')]"
        ".filter((e) => e.checkVisibility()).map((e) => { const b = e.getBoundingClientRect();"
        " return [e.id || e.textContent, b.left, b.right, b.top, b.bottom]; })"
    )
    for name, left, right, top, bottom in boxes:
        if name not in {"Joint names", "Paths", "Contacts", "Side by side"}:  # in a row that scrolls
            assert left >= 0, name
            assert right <= 390, name
        assert 0 <= top < bottom <= 844, name
        assert bottom - top >= 30, name
    assert browser.run("document.getElementById('picture').clientHeight") > 400
    x, y = browser.run("(({ x, y }) => [x + 20, y + 20])(document.getElementById('play').getBoundingClientRect())")
    for kind, points in ("touchStart", [{"x": x, "y": y}]), ("touchEnd", []):
        browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    browser.wait("transflower.player.playing")


def test_a_stretch_that_stands_out_is_played_again_and_again_at_a_click(browser, tmp_path):
    dance = make_dance("Ada", likelihood=True)
    assert dance.log_likelihood is not None
    dance = replace(dance, typical=(dance.log_likelihood - 1, dance.log_likelihood + 1))
    stretches = [
        MarkedStretch(start=5.0, stop=5.5, parts=("head",), lowest=-1234.5),
        MarkedStretch(start=2.0, stop=2.5, parts=("left arm", "root"), lowest=-3.0),
    ]
    path = tmp_path / "scored.html"
    write_page(path, [dance], title="scored", stretches=stretches)
    browser.open(path)
    rows = browser.run("[...document.querySelectorAll('#stretches-rows tr')].map((row) => row.innerText)")
    assert rows[0].split("\t") == ["1", "0:05.00 – 0:05.50", "head", "−1,235"]
    assert rows[1].split("\t")[2:] == ["left arm, root", "−3.00"]
    browser.click("#stretches-rows tr:nth-child(2)")
    browser.wait("transflower.player.playing")
    assert state(browser)["loop"] == {"start": 1.5, "end": 3.0}
    assert 1.5 <= state(browser)["time"] <= 3.0
    browser.press("n")
    assert state(browser)["loop"] == {"start": 4.5, "end": 6.0}
    browser.run("document.querySelector('#stretches-rows tr').click()")
    assert state(browser)["loop"] is None


def test_a_page_without_stretches_has_no_list(opened):
    assert opened.run("document.getElementById('stretches').hidden")


def test_controls_stay_within_a_narrow_frame(browser, page):
    browser.open(page, width=340, height=640)
    for name in ("picture", "timeline", "views"):
        assert browser.run(f"document.getElementById('{name}').getBoundingClientRect().right") <= 340
