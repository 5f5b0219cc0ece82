"""Files and folders that a user names, checked before what takes seconds to load: what is wrong is told at once."""

from pathlib import Path

from transflower.core.errors import DataError


def check_files(*paths: Path | None) -> None:
    """Refuse files that are not there.

    Raises:
        DataError: naming the first.
    """
    for path in filter(None, paths):
        if not path.exists():
            raise DataError(f"{path}: there is no such file")


def check_motion(*paths: Path | None) -> None:
    """Refuse files that are not there, or whose names are of no format that holds motion.

    Raises:
        TransflowerError: naming the first.
    """
    from transflower.core.files import check_file
    from transflower.formats.registry import check_readable

    check_files(*paths)
    for path in filter(None, paths):
        check_file(path)
        check_readable(path)


def check_sound(*paths: Path | None) -> None:
    """Refuse files that are not there, or do not begin as sound does.

    Raises:
        TransflowerError: naming the first.
    """
    from transflower.audio.reading import read_pieces

    check_files(*paths)
    for path in filter(None, paths):
        next(read_pieces(path))


def check_model(path: Path | None) -> None:
    """Refuse a folder that holds no model.

    Raises:
        ModelError: there is none, or no such folder.
    """
    from transflower.core.model_folder import find_model

    if path is not None:
        find_model(path)


def check_features(path: Path | None) -> None:
    """Refuse what is no folder, or may not be read.

    Raises:
        DataError: saying which.
    """
    from transflower.data.store import Store

    if path is not None:
        Store(path)
