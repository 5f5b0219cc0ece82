"""The page that is committed is what its source builds."""

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
NO_NODE = "no node with the packages of web/ (npm ci): the built page is not compared with its source"


@pytest.mark.skipif(not (shutil.which("node") and (WEB / "node_modules" / "esbuild").exists()), reason=NO_NODE)
def test_the_built_page_is_what_the_source_builds():
    done = subprocess.run(
        ["node", "build.mjs", "--check"], cwd=WEB, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_page_has_its_marks_and_is_small():
    page = files("transflower.viewer").joinpath("page.html").read_text(encoding="utf-8")
    assert (page.count("@DATA@"), page.count("@TITLE@")) == (1, 1)
    assert len(page) < 900_000
