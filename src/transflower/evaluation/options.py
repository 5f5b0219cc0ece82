"""Options of an evaluation, without what it takes to do it: ``--help`` is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transflower.core.errors import OptionsError
from transflower.core.options.ranges import Count, Jobs, Natural, NonNegative, Positive, Samples, Temperature

REAL, OTHER_MUSIC, MEAN = "real", "real, other music", "mean"
"""Rows of a report that are made of the data."""


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """Measure models, and dances of any other system, beside the data; every number with its interval.

    Models draw samples for the recordings of a held-out split. Numbers come as a table (terminal, Markdown, LaTeX, CSV,
    JSON) and as a page with charts and playable dances.
    """

    models: tuple[str, ...] = ()
    """Folders of models or runs, or `NAME=FOLDER`; `pretrained` and `salsa` are models of the package."""
    data: Path
    """Folder of features that all are evaluated on, as the `extract` verbs and `data import` write them."""
    dances: tuple[str, ...] = ()
    """Samples of other systems, `NAME=FOLDER`: `FOLDER` holds motion files of any format, `ID.bvh` or `ID.0.bvh`,
    `ID.1.bvh`, ... for each recording `ID`, or `ID.OUTPUT.npy` with the columns of the data."""
    out: Path = Path("report")
    """Folder of the report. Samples are kept in it, so that an evaluation that was stopped goes on."""
    overwrite: bool = False
    """Write into a folder that holds other files; the report replaces those of its own names."""
    split: str = ""
    """The held-out split; by default `test`, where there is one, else `val`."""
    output: str = ""
    """The continuous output that is evaluated; by default the only one, or `motion`."""
    sequences: Count = 16
    """Most recordings of the split, taken evenly."""
    seconds: Positive = 30.0
    """Of each recording, from its beginning; shorter ones are taken whole."""
    samples: Samples = 2
    """Samples of each model for each recording."""
    temperature: Temperature = 1.0
    """Of the samples."""
    foot_lock: bool = True
    """Keep standing feet of the models' samples in place, as `generate` does, where bodies are measured."""
    seed: Natural = 0
    """Of the samples and the bootstrap."""
    long: NonNegative = 180.0
    """Seconds of samples by which drift is measured, to the inputs of the first four recordings, repeated; 0: none."""
    reference: Literal["split", "all"] = "split"
    """Distances are measured from the recordings of the split, or of all splits, as some papers do."""
    uncentred: bool = False
    """Add Fréchet distances of second moments that are not centred, as in the numbers of the 2021 paper."""
    calibration: bool = False
    """Add calibration: coverage of intervals, errors of forecasts (CRPS, energy score)."""
    beats: Path | None = None
    """Folder of annotated beats, `ID.txt` or another file of beats; by default they are heard in the audio features."""
    recordings: Path | None = None
    """Folder of the recordings: songs `ID.wav` for the page, and `ID.truth.json` of synthetic ones."""
    draws: Samples = 2000
    """Draws of the bootstrap over recordings, of which intervals are made."""
    page: bool = True
    """Write the page, `report.html`."""
    jobs: Jobs = -1
    """Models that draw and are measured at the same time; -1: one for each CPU core."""

    def __post_init__(self) -> None:
        if not self.models and not self.dances:
            raise OptionsError("nothing is evaluated; name folders of models, or dances by --dances NAME=FOLDER")
        for one in self.dances:
            if "=" not in one:
                raise OptionsError(f"dances: {one!r} must be NAME=FOLDER")

    @property
    def model_folders(self) -> list[Path]:
        """Folders of the models, or their names in the package."""
        named = [one.partition("=") for one in self.models]
        return [Path(folder if is_named else one) for one, is_named, folder in named]

    @property
    def model_names(self) -> list[str]:
        """What the models are called in the report: a model of a run as the run is."""
        named = [one.partition("=") for one in self.models]
        return [name if is_named else _short(Path(name)) for name, is_named, _ in named]

    @property
    def names(self) -> list[str]:
        """What all systems are called that are given."""
        return [*self.model_names, *(one.partition("=")[0] for one in self.dances)]

    @property
    def folders(self) -> dict[str, Path]:
        """Name -> folder of the samples of other systems."""
        named = [one.partition("=") for one in self.dances]
        return {name: Path(folder) for name, _, folder in named}


def _short(path: Path) -> str:
    """The name of a run; of a model in a run, that of the run."""
    folder = path.resolve()
    return folder.parent.name if folder.name in {"best", "last"} else folder.name
