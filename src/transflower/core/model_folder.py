"""Where a model is kept, without what it takes to read it: that there is none is told before torch is loaded."""

from pathlib import Path

from transflower.core.errors import ModelError

CONFIG, WEIGHTS, FEATURES = "config.yaml", "model.safetensors", "features.json"
"""Files of a model."""
_IN_A_RUN = ("best", "last")
_PACKAGED = {"pretrained": "groove", "salsa": "salsa"}
"""Name of a model of the package -> its folder there."""


def holds_model(path: Path) -> bool:
    """Whether a folder holds one, or a run with one."""
    return any((folder / WEIGHTS).is_file() for folder in _places(path))


def find_model(path: Path) -> Path:
    """The folder of a model: ``path`` itself, or the best model of a run (the last one where none is best yet).

    Where there is no such folder, the name of a model of the package stands for its folder.

    Raises:
        ModelError: there is no model.
    """
    for folder in _places(path):
        if (folder / WEIGHTS).is_file():
            return folder
    if not path.is_dir():
        if (named := _PACKAGED.get(str(path))) is not None:
            return Path(__file__).parents[1] / "models" / "pretrained" / named
        names = " or ".join(_PACKAGED)
        raise ModelError(f"{path}: there is no such folder; give that of a model or of a training run, or {names}")
    raise ModelError(f"{path} holds no model ({WEIGHTS}); give the folder of a model or of a training run")


def _places(path: Path) -> tuple[Path, ...]:
    return path, *(path / name for name in _IN_A_RUN)
