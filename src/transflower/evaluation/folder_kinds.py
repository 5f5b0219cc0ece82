"""Whether the systems and folders that an evaluation is given are what it takes them for; told without torch."""

from pathlib import Path

from transflower.core.errors import DataError, OptionsError
from transflower.core.files import check_name
from transflower.core.model_folder import holds_model
from transflower.data.store import Store
from transflower.evaluation.options import MEAN, OTHER_MUSIC, REAL, EvaluationConfig

_USAGE = "the command is `transflower evaluate MODEL --data FEATURES`"


def check_folder_kinds(options: EvaluationConfig) -> None:
    """Refuse models and features that were swapped, and folders that are not there.

    Raises:
        OptionsError: saying what each is.
    """
    wrong = [f"{path} is a folder of features" for path in options.model_folders if _holds_features(path)]
    if holds_model(options.data):
        wrong.append(f"--data {options.data} is a model")
    if wrong:
        raise OptionsError(f"{' and '.join(wrong)}; {_USAGE}")
    for option, folder in (("beats", options.beats), ("recordings", options.recordings)):
        if folder is not None and not folder.is_dir():
            raise OptionsError(f"--{option} {folder}: there is no such folder")


def check_systems(options: EvaluationConfig) -> None:
    """Refuse systems of one name, of which each is a row of the report and a folder in it, and dances without a folder.

    Raises:
        DataError: naming the first.
    """
    taken = {REAL, OTHER_MUSIC, MEAN}
    for name in options.names:
        check_name(name, what="name of a system")
        if name in taken:
            raise DataError(f"two systems would be called {name}; name them apart by NAME=FOLDER")
        taken.add(name)
    for folder in options.folders.values():
        if not folder.is_dir():
            raise DataError(f"{folder} is not a folder; --dances needs NAME=FOLDER, which holds ID.bvh or ID.0.bvh")


def _holds_features(path: Path) -> bool:
    return path.is_dir() and not holds_model(path) and bool(Store(path).contents())
