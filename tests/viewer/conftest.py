"""A browser, and a page in it."""

import numpy as np
import pytest

from tests.viewer.chromium import chromium
from tests.viewer.factories import make_dance, make_rising_tone
from transflower.viewer import write_page

BEATS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]


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
