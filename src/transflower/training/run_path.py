"""Whether a folder can be that of a run, which is told before torch is loaded."""

from pathlib import Path

from transflower.core.errors import OptionsError

CONFIG = "config.yaml"
"""The experiment, by which a run is known."""


def check_run_path(path: Path) -> None:
    """Refuse what is there and neither a run nor an empty folder.

    Raises:
        OptionsError: saying what it is.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise OptionsError(f"{path} is a file; name another folder for the run")
    if not (path / CONFIG).exists() and any(not one.name.startswith(".") for one in path.iterdir()):
        raise OptionsError(f"{path} is not empty and holds no run; name another folder for the run")
