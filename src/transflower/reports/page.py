"""The page of a report: the built template of ``web/`` with what it shows."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from transflower.audio.audio import Audio
from transflower.core.files import write_text
from transflower.evaluation.calibration.summary import CalibrationSummary
from transflower.evaluation.results import Results
from transflower.evaluation.system import Setting, System
from transflower.reports.content import report_content
from transflower.reports.dancers import PlayableDances, playable_dances
from transflower.viewer.template import bytes_element, filled, json_element


def write_report(
    path: Path,
    results: Results,
    systems: Sequence[System],
    setting: Setting,
    *,
    runs: Mapping[str, Path | None],
    songs: Mapping[str, Audio | Path | None],
    calibration: Mapping[str, CalibrationSummary] | None = None,
) -> None:
    """Write one HTML file that needs nothing else, whole or not at all.

    Args:
        path: where.
        results: the numbers.
        systems: what was measured, in the order of the report.
        setting: what all of them have in common.
        runs: name of a system -> the folder of its run, of which learning curves are drawn.
        songs: the recordings whose dances can be played -> their sound, where there is one.
        calibration: how well calibrated the models are, where that was measured.

    Raises:
        FormatError: a sound or the metrics of a run cannot be read.
        WriteError: there is no space, or the file may not be written.
    """
    content = report_content(results, systems, setting, runs=runs, calibration=calibration or {})
    write_text(path, report_html(content, playable_dances(systems, setting, songs)))


def report_html(content: Mapping[str, Any], dances: Iterable[PlayableDances]) -> str:
    """The page as text."""
    scenes, pages = [], []
    for index, scene in enumerate(dances):
        name = f"dances-{index}"
        scenes.append({"id": name, "song": scene.song, "names": list(scene.names)})
        pages.append(bytes_element(name, scene.page))
    template = files("transflower.reports").joinpath("report.html").read_text(encoding="utf-8")
    data = json_element("report-data", {**content, "dances": scenes})
    return filled(template, title=str(content["title"]), elements=[data, *pages])
