"""Whether the folders that an evaluation is given are what it takes them for."""

from pathlib import Path

from transflower.core.errors import OptionsError
from transflower.core.model_folder import holds_model
from transflower.data.store import Store
from transflower.evaluation.options import EvaluationConfig

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


def _holds_features(path: Path) -> bool:
    return path.is_dir() and not holds_model(path) and bool(Store(path).contents())
