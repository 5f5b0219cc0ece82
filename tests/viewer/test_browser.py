"""The page in a real browser, opened as a file."""

import json
import statistics
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from tests.viewer.chromium import chromium, find_chromium
from tests.viewer.factories import (
    HERTZ_PER_SECOND,
    LOWEST,
    METRES_PER_SECOND,
    make_character,
    make_dance,
    make_rising_tone,
    with_animations,
)
from transflower.viewer import MarkedStretch, ShownDance, write_page
from transflower.viewer.opening import open_dances

pytestmark = [
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium here: the page is not tried"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

BEATS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]
# The song time that is heard, from the pitch of what the page plays, and that of the picture, both of this instant.
LISTEN = """(async () => {
  const { sound, player } = transflower, { context } = sound;
  const ear = window.ear ??= context.createAnalyser();
  ear.fftSize = 2048;
  sound.output.connect(ear);
  const wave = new Float32Array(2048);
  const found = [];
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const [now, shown] = [context.currentTime, player.time()];
    ear.getFloatTimeDomainData(wave);
    const crossings = [];
    for (let i = 1; i < wave.length; i++)
      if (wave[i - 1] < 0 && wave[i] >= 0) crossings.push(i - wave[i] / (wave[i] - wave[i - 1]));
    if (crossings.length < 5) continue;
    const last = crossings.length - 1;
    const hertz = last / (crossings[last] - crossings[0]) * context.sampleRate;
    const middle = (crossings[0] + crossings[last]) / 2;
    const heard = (hertz - LOWEST) / SLOPE + (wave.length - middle) / context.sampleRate - (now - sound.heardTime);
    found.push([shown, heard]);
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Two dancers who start in one place, with a song, beats and one likelihood."""
    path = tmp_path_factory.mktemp("page") / "two dancers.html"
    dances = [make_dance("Ada", likelihood=True), make_dance("Grace")]
    write_page(path, dances, title="Two & <more>", sound=make_rising_tone(), beats=np.array(BEATS))
    return path


@pytest.fixture
def opened(browser, page):
    browser.open(page)
    browser.wait("transflower.sound.isLoaded")
    return browser


def hips(browser, dancer=0):
    """Where the hips of a dancer are drawn, before it is put on its place."""
    return browser.run(
        f"(() => {{ const d = transflower.scene.dancers[{dancer}]; const h = d.hips.matrixWorld.elements;"
        " const p = d.place.position; return [h[12] - p.x, h[13] - p.y, h[14] - p.z]; })()"
    )


def state(browser):
    return browser.run(
        "({playing: transflower.player.playing, time: transflower.player.time(), drawn: transflower.drawn,"
        " pictures: transflower.pictures, speed: transflower.player.clock.speed, loop: transflower.player.clock.loop,"
        " view: transflower.cameras.view, theme: transflower.theme, muted: transflower.isMuted,"
        " sideBySide: transflower.scene.sideBySide})"
    )


def settle(browser):
    """Two pictures later."""
    browser.run("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")


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


@pytest.mark.parametrize("speed", [1, 0.5])
def test_picture_and_sound_are_at_the_same_second(opened, speed):
    opened.run(f"transflower.player.setSpeed({speed})")
    opened.run("transflower.player.seek(1)")
    opened.click("#play")
    time.sleep(0.5)
    script = LISTEN.replace("LOWEST", str(LOWEST)).replace("SLOPE", str(HERTZ_PER_SECOND)).replace("TURNS", "40")
    pairs = opened.run(script)
    assert len(pairs) >= 20
    # At half speed grains of the song overlap, whose pitch is that of a moment nearby.
    assert abs(statistics.median(shown - heard for shown, heard in pairs)) < (0.012 if speed == 1 else 0.03)


def test_a_song_that_is_decoded_late_is_heard_from_where_the_dance_is(browser, page):
    late = (
        "const decode = OfflineAudioContext.prototype.decodeAudioData;"
        "OfflineAudioContext.prototype.decodeAudioData = async function (bytes) {"
        " await new Promise((go) => { window.decodeNow = go; }); return decode.call(this, bytes); };"
    )
    script = browser.call("Page.addScriptToEvaluateOnNewDocument", source=late)
    try:
        browser.open(page)
    finally:
        browser.call("Page.removeScriptToEvaluateOnNewDocument", **script)
    browser.click("#play")
    browser.wait("transflower.player.playing")
    time.sleep(1.5)
    assert not browser.run("transflower.sound.isLoaded")
    browser.run("window.decodeNow(), true")
    browser.wait("transflower.sound.isLoaded")
    time.sleep(0.7)
    assert state(browser)["time"] > 1.2
    listen = LISTEN.replace("LOWEST", str(LOWEST)).replace("SLOPE", str(HERTZ_PER_SECOND)).replace("TURNS", "40")
    pairs = browser.run(listen)
    assert len(pairs) >= 20
    assert abs(statistics.median(shown - heard for shown, heard in pairs)) < 0.012


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


def test_a_click_on_the_timeline_goes_there_and_to_a_beat_that_is_near(opened):
    opened.click("#timeline", x=0.6)
    settle(opened)
    assert state(opened)["drawn"] == pytest.approx(0.6 * 8, abs=0.02)
    assert hips(opened)[0] == pytest.approx(METRES_PER_SECOND * state(opened)["drawn"], abs=1e-3)
    opened.click("#timeline", x=2.51 / 8)
    assert state(opened)["time"] == 2.5


def test_the_song_starts_where_the_decoded_sound_says(opened):
    assert opened.run("transflower.sound.songStart") == pytest.approx(0.19, abs=0.1)
    # The sample before the song is silent, and the song begins with it.
    level = opened.run(
        "(() => { const { buffer, start } = transflower.sound; const s = buffer.getChannelData(0);"
        " const at = Math.round(start * buffer.sampleRate);"
        " const power = (a, b) => s.slice(a, b).reduce((sum, x) => sum + x * x, 0) / (b - a);"
        " return [power(at - 400, at - 100), power(at + 100, at + 400)]; })()"
    )
    assert level[0] < 0.01 * level[1]


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


def test_a_stretch_is_looped_with_its_sound(opened):
    opened.run("transflower.player.setLoop({ start: 2, end: 2.5 })")
    opened.click("#play")
    opened.wait("transflower.player.playing")
    seen = [state(opened)["time"] for _ in range(40) if time.sleep(0.05) is None]
    assert all(1.9 <= moment < 2.5 for moment in seen)
    assert sum(b < a for a, b in pairwise(seen)) >= 2


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


def test_without_a_song_it_plays_by_the_wall_clock(browser, tmp_path):
    write_page(tmp_path / "silent.html", [make_dance(seconds=3)], title="silent")
    browser.open(tmp_path / "silent.html")
    assert browser.run("document.getElementById('mute').hidden")
    browser.press(" ")
    time.sleep(1)
    assert 0.5 < state(browser)["time"] < 2.9
    assert browser.complaints() == []


def test_a_frame_of_another_page_shows_it_too(browser, page, tmp_path):
    outer = tmp_path / "notebook.html"
    text = json.dumps(page.read_text(encoding="utf-8")).replace("<", "\\u003c")
    outer.write_text(
        f"<iframe width=800 height=500></iframe><p id=message hidden></p><script>window.transflower = 0;"
        f"document.querySelector('iframe').srcdoc = {text}</script>"
    )
    browser.open(outer)
    browser.wait("frames[0].transflower?.pictures > 0")


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
