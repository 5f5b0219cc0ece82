"""The files of calibration: numbers of all systems, and a figure of each."""

from collections.abc import Mapping
from pathlib import Path

from transflower.core.files import write_json
from transflower.evaluation.calibration.figure import draw_calibration
from transflower.evaluation.calibration.summary import CalibrationSummary

NUMBERS = "calibration.json"
"""Name of a system -> its summary."""
FIGURE = "calibration.{}.png"
"""Of a system of that name."""


def calibration_files(out: Path) -> list[Path]:
    """The files that ``write_calibration`` wrote into a folder."""
    return [*out.glob(NUMBERS), *out.glob(FIGURE.format("*"))]


def write_calibration(out: Path, found: Mapping[str, CalibrationSummary]) -> list[Path]:
    """Write ``calibration.json``, and ``calibration.NAME.png`` of each system."""
    write_json(out / NUMBERS, {name: one.json() for name, one in found.items()})
    paths = [out / FIGURE.format(name) for name in found]
    for path, (name, one) in zip(paths, found.items(), strict=True):
        draw_calibration(path, name, one)
    return [out / NUMBERS, *paths]
