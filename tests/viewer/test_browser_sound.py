"""The page in a real browser: what is heard, and when."""

import statistics
import time
from itertools import pairwise

import pytest

from tests.viewer.chromium import NEEDS_CHROMIUM
from tests.viewer.factories import HERTZ_PER_SECOND, LOWEST, make_dance
from tests.viewer.pages import state
from transflower.viewer import write_page

pytestmark = NEEDS_CHROMIUM


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


def test_a_stretch_is_looped_with_its_sound(opened):
    opened.run("transflower.player.setLoop({ start: 2, end: 2.5 })")
    opened.click("#play")
    opened.wait("transflower.player.playing")
    seen = [state(opened)["time"] for _ in range(40) if time.sleep(0.05) is None]
    assert all(1.9 <= moment < 2.5 for moment in seen)
    assert sum(b < a for a, b in pairwise(seen)) >= 2


def test_without_a_song_it_plays_by_the_wall_clock(browser, tmp_path):
    write_page(tmp_path / "silent.html", [make_dance(seconds=3)], title="silent")
    browser.open(tmp_path / "silent.html")
    assert browser.run("document.getElementById('mute').hidden")
    browser.press(" ")
    time.sleep(1)
    assert 0.5 < state(browser)["time"] < 2.9
    assert browser.complaints() == []
