"""The page in a real browser: who is drawn, and where."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.viewer.chromium import NEEDS_CHROMIUM
from tests.viewer.factories import make_character, make_dance, with_animations
from tests.viewer.pages import hips, settle, state
from transflower.viewer import ShownDance, write_page
from transflower.viewer.opening import open_dances

pytestmark = NEEDS_CHROMIUM


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (960, 540), (390, 844)])
def test_six_dancers_are_all_in_the_first_picture(browser, tmp_path, width, height):
    far = np.array([20.0, 1, 1])
    clip = make_dance(seconds=2).clip
    clip = replace(clip, translations={0: clip.translations[0] * far})
    write_page(tmp_path / "six.html", [ShownDance(name=f"dance {n}", clip=clip) for n in range(6)], title="six")
    browser.open(tmp_path / "six.html", width=width, height=height)
    assert state(browser)["view"] == "orbit"
    edges = browser.run(
        "(() => { const { cameras, scene } = transflower; const { camera } = cameras;"
        " const { clientWidth: w, clientHeight: h } = document.getElementById('picture');"
        " return scene.dancers.flatMap((d) => [...d.joints.values()].map((j) => {"
        " const p = d.position(j, d.middle.clone()).project(camera);"
        " return [(p.x + 1) / 2 * w, (1 - p.y) / 2 * h, w, h]; })); })()"
    )
    switches = browser.run(
        "Math.max(...[...document.querySelectorAll('#dancers label')].map((e) => e.getBoundingClientRect().right))"
    )
    left = switches if width > height else 0
    assert all(left < x < w and 0 < y < h for x, y, w, h in edges)


def test_dancers_are_switched_off_and_on(opened):
    shown = "transflower.scene.dancers.map((d) => d.place.visible)"
    assert opened.run("[...document.querySelectorAll('#dancers label')].map((e) => e.textContent)") == ["Ada", "Grace"]
    assert opened.run(shown) == [True, True]
    opened.click("#dancers li:nth-child(2) label")
    assert opened.run(shown) == [True, False]
    assert opened.run("transflower.scene.dancers[0].place.position.x + transflower.scene.dancers[0].middle.x") == 0
    opened.click("#dancers li:nth-child(2) label")
    assert opened.run(shown) == [True, True]


def test_dancers_in_one_place_stand_side_by_side_until_told_otherwise(opened):
    places = "transflower.scene.dancers.map((d) => d.place.position.x)"
    left, right = opened.run(places)
    assert right - left == pytest.approx(1.9)
    opened.press("s")
    left, right = opened.run(places)
    assert right == left


def test_software_draws_few_triangles_for_three_dancers(browser, tmp_path):
    """So three dancers run at 30 frames a second on two cores, if nothing else does."""
    write_page(tmp_path / "three.html", [make_dance(name) for name in ("Ada", "Grace", "Mary")], title="three")
    browser.open(tmp_path / "three.html")
    settle(browser)
    drawn = browser.run("(({ triangles, calls }) => [triangles, calls])(transflower.scene.renderer.info.render)")
    assert drawn[0] < 7000
    assert drawn[1] < 25


def test_partners_stay_where_they_danced_and_are_seen_from_the_front(browser, tmp_path):
    """Both look towards +X, and one stands a metre before the other."""
    write_page(tmp_path / "pair.html", [make_dance(x=0, turn=np.pi / 2), make_dance(x=1, turn=np.pi / 2)], title="pair")
    browser.open(tmp_path / "pair.html")
    assert not state(browser)["sideBySide"]
    browser.press("3")
    x, z = browser.run("(({ x, z }) => [x, z])(transflower.cameras.camera.position)")
    assert (x > 3, abs(z) < 0.1) == (True, True)
    seen = "transflower.scene.dancers.map((d) => d.hips.matrixWorld.elements[12])"
    assert np.diff(browser.run(seen)) == pytest.approx(1, abs=1e-3)
    browser.press("s")
    assert np.diff(browser.run(seen)) == pytest.approx(1.9, abs=0.5)
    ahead = "transflower.scene.dancers.map((d) => d.hips.matrixWorld.elements[10])"
    assert browser.run(ahead) == pytest.approx([1, 1], abs=1e-3)


def test_who_goes_far_is_followed(browser, tmp_path):
    clip = make_dance(seconds=2).clip
    far = replace(clip, translations={0: clip.translations[0] * np.array([40.0, 1, 1])})
    write_page(tmp_path / "far.html", [ShownDance(name="Ada", clip=far)], title="far")
    browser.open(tmp_path / "far.html")
    assert state(browser)["view"] == "follow"
    browser.run("transflower.player.seek(2)")
    target, hips = "transflower.cameras.controls.target", "transflower.scene.dancers[0].hips.matrixWorld.elements"
    browser.wait(f"Math.abs({target}.x - {hips}[12]) < 0.2")


def test_a_character_with_a_texture_is_shown_in_its_colours(browser, tmp_path):
    dance = make_dance(seconds=2)
    write_page(tmp_path / "red.html", [replace(dance, model=make_character(dance))], title="red")
    browser.open(tmp_path / "red.html")
    settle(browser)
    browser.screenshot(tmp_path / "red.png")
    pixels = np.asarray(Image.open(tmp_path / "red.png").convert("RGB"), int)
    assert ((pixels[..., 0] > 90) & (pixels[..., 1:].max(axis=-1) < 40)).sum() > 2000
    assert browser.complaints() == []
    assert browser.requested() == [(tmp_path / "red.html").as_uri()]


def test_a_character_is_where_its_recording_is(browser, tmp_path):
    """Of several animations the page shows the one that is read, from its first key on."""
    content = with_animations(make_character(make_dance(seconds=2)), (0, 3.5), (5, 9))
    (tmp_path / "mine.glb").write_bytes(content)
    (dance,) = open_dances([tmp_path / "mine.glb"])
    write_page(tmp_path / "mine.html", [dance], title="mine")
    browser.open(tmp_path / "mine.html")
    for seconds in (0.5, 3.0):
        browser.run(f"transflower.player.seek({seconds})")
        settle(browser)
        read = dance.clip.translations[0][round(seconds * dance.clip.fps), 0]
        assert hips(browser)[0] == pytest.approx(read, abs=2e-3)
