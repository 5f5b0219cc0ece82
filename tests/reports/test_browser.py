"""The page of a report in a real browser, opened as a file."""

import pytest

from tests.reports.factories import make_reported, make_results, make_summary
from tests.viewer.chromium import NEEDS_CHROMIUM, chromium
from tests.viewer.factories import make_rising_tone
from transflower.audio.writing import write_wav
from transflower.reports.page import write_report

pytestmark = NEEDS_CHROMIUM
READY = "document.documentElement.dataset.ready !== undefined"
FRAME = "document.querySelector('iframe')?.contentWindow.transflower"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    systems, setting = make_reported("late & <b>")
    write_wav(folder / "one.wav", make_rising_tone(seconds=2))
    run = folder / "run"
    run.mkdir()
    (run / "metrics.jsonl").write_text(
        '{"step": 0, "minutes": 0, "val/nll": 2}\n{"step": 9, "minutes": 3, "val/nll": 1}'
    )
    songs = {"one": folder / "one.wav", "two": None}
    path = folder / "report.html"
    summaries = {"late & <b>": make_summary()}
    write_report(
        path, make_results(systems), systems, setting, runs={"late & <b>": run}, songs=songs, calibration=summaries
    )
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize(("width", "touch", "theme"), [(1280, False, "dark"), (375, True, "light")])
def test_every_figure_is_drawn_within_the_screen_and_nothing_is_asked_for(browser, page, width, touch, theme):
    browser.open(page, width=width, height=800, touch=touch, theme=theme, ready=READY)
    assert browser.run("[...document.querySelectorAll('section')].map((one) => one.id)") == [
        *("summary", "dances", "numbers", "movement", "beats", "calibration", "drift", "learning", "missing")
    ]
    browser.wait("[...document.querySelectorAll('.plot')].every((plot) => plot.querySelector('path.curve'))")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("document.documentElement.dataset.theme") == theme
    assert "NaN" not in browser.run("document.querySelector('main').outerHTML")
    assert browser.run("document.querySelector('h1').textContent") == "Evaluation of late & <b> and still"
    assert browser.requested() == [page.as_uri()]
    assert browser.complaints() == []


def test_systems_are_hidden_in_all_charts_by_one_button(browser, page):
    browser.open(page, ready=READY)
    count = 'document.querySelectorAll(\'.bars [data-hue="1"], .multiples [data-hue="1"]\').length'
    assert browser.run(count) > 0
    browser.run("[...document.querySelectorAll('.chip')].find((one) => one.textContent === 'still').click()")
    assert browser.run(count) == 0
    assert browser.run("document.querySelectorAll('.chip[aria-pressed=\"false\"]').length") == 1


def test_curves_are_read_out_at_the_keyboard(browser, page):
    browser.open(page, ready=READY)
    browser.run("document.querySelector('#learning .plot').focus()")
    for _ in range(2):
        browser.press("ArrowRight")
    assert browser.run("document.querySelector('#learning output').textContent") == "step 9late & <b> 1.00"
    browser.run("document.querySelector('#learning input[value=minutes]').click()")
    browser.run("document.querySelector('#learning .plot').focus()")
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    assert "minute 3late" in browser.run("document.querySelector('#learning output').textContent")


def test_dances_play_with_their_song_one_scene_at_a_time(browser, page):
    browser.open(page, theme="light", ready=READY)
    browser.run("document.querySelector('.open').click()")
    browser.wait(f"{FRAME}?.sound?.isLoaded")
    assert browser.run(f"[{FRAME}.theme, {FRAME}.scene.dancers.length, {FRAME}.scene.sideBySide]") == ["light", 4, True]
    browser.run(f"{FRAME}.player.toggle()")
    browser.wait(f"{FRAME}.player.time() > 0.2")
    browser.run("document.querySelectorAll('.open')[1].click()")
    browser.wait(f"{FRAME}?.sound === null")
    assert browser.run("document.querySelectorAll('iframe').length") == 1
    browser.run("document.querySelectorAll('.open')[1].click()")
    assert browser.run("document.querySelectorAll('iframe').length") == 0
    assert browser.complaints() == []


def test_the_table_shows_all_numbers_on_demand(browser, page):
    browser.open(page, ready=READY)
    shown = "[...document.querySelectorAll('.numbers tbody tr')].filter((row) => row.offsetHeight).length"
    few = browser.run(shown)
    browser.run("document.querySelector('#summary .text').click()")
    assert browser.run(shown) > few
    assert browser.run("document.querySelector('#summary .text').getAttribute('aria-expanded')") == "true"


def test_d_changes_between_dark_and_light(browser, page):
    browser.open(page, theme="dark", ready=READY)
    browser.press("d")
    assert browser.run("document.documentElement.dataset.theme") == "light"
    browser.press("d")


def test_differences_are_told_from_the_system_that_is_chosen(browser, page):
    browser.open(page, width=1280, ready=READY)
    told = "[...document.querySelectorAll('.choice')].at(-1).closest('div').querySelector('tbody td').innerText"
    assert browser.run(told).split() == ["+1.00", "0.50", "to", "1.50", "worse"]
    browser.run(
        "(() => { const one = document.querySelector('.choice select'); one.value = 'still';"
        " one.dispatchEvent(new Event('change')); })()"
    )
    assert browser.run(told).split() == ["−1.00", "−1.50", "to", "−0.50", "better"]
