"""The tutorial notebook runs from top to bottom."""

import json
import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from tests.documents.documents import CHECKOUT

TUTORIAL = CHECKOUT / "docs" / "tutorial.ipynb"
SECONDS = re.compile(r"(?<=, )seconds=[48]\.0")
"""Length of the dances, which shorter ones show as well."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_tutorial_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shutil.copy(TUTORIAL, tmp_path)
    notebook = nbformat.read(tmp_path / TUTORIAL.name, as_version=4)
    for cell in notebook.cells:
        cell.source = SECONDS.sub("seconds=2.0", cell.source)
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert re.search(r"beat lock [01]\.\d\d\n", printed)
    assert "dance.glb" in printed
    pages = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output and "text/html" in output["data"]
    ]
    assert any("<iframe" in page for page in pages)


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)
