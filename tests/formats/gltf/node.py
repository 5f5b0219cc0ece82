"""Programs of others that read what we write, run by node; skipped where ``web/node_modules`` is missing."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

_WEB = CHECKOUT / "web"
_HERE = Path(__file__).parent
_NODE = shutil.which("node")
_SECONDS = 60

needs_node = pytest.mark.skipif(
    _NODE is None or not (_WEB / "node_modules" / "three").is_dir(),
    reason="no node, or no web/node_modules: install node 20 or newer, then `npm ci` in web/",
)


def run_node(script, *arguments):
    """What a script of this folder prints, as JSON."""
    command = [_NODE, str(_HERE / script), str(_WEB), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_valid(*paths):
    """Khronos' validator finds no error and no warning."""
    for path, report in run_node("validate.mjs", *paths).items():
        assert not report["errors"], (path, report["messages"])
        assert not report["warnings"], (path, report["messages"])


def poses_in_three(path, seconds, *, animation=0):
    """World positions of the nodes in three.js at some moments: moment -> node -> xyz; then the skinned vertices."""
    return run_node("pose.mjs", path, animation, *seconds)
