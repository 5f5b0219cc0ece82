"""Files and folders that a user names, checked before what takes seconds to load: what is wrong is told at once."""

import re
from collections.abc import Sequence
from pathlib import Path

from transflower.core.errors import DataError, OptionsError

_DEVICE = re.compile(r"auto|(cpu|cuda|mps|xpu)(:\d{1,3})?")


def check_files(*paths: Path | None) -> None:
    """Refuse files that are not there.

    Raises:
        DataError: naming the first.
    """
    for path in filter(None, paths):
        if not path.exists():
            raise DataError(f"{path}: there is no such file")


def check_danced(usage: str, *, motions: Sequence[Path | None], sounds: Sequence[Path | None]) -> None:
    """Refuse motion and sound that are not there, cannot be read, or are in each other's place.

    Args:
        usage: the command as it should be.
        motions: files that are read as motion.
        sounds: files that are read as sound, or arrays of features of it.

    Raises:
        TransflowerError: saying what is wrong with the first, or what each is that is in the place of another.
    """
    from transflower.audio.formats import SOUND_SUFFIXES
    from transflower.formats.registry import is_motion_file

    check_files(*motions, *sounds)
    wrong = [f"{path} is sound" for path in motions if path and path.suffix.lower() in SOUND_SUFFIXES]
    # Features of sound may be .npy, as motion may.
    heard = [path for path in sounds if path and path.suffix.lower() != ".npy"]
    wrong += [f"{path} is motion" for path in heard if is_motion_file(path)]
    if wrong:
        raise OptionsError(f"{' and '.join(wrong)}; the command is `transflower {usage}`")
    check_motion(*motions)
    check_sound(*heard)


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
    """Refuse files that are not there, are motion, or do not begin as sound does.

    Raises:
        TransflowerError: naming the first.
    """
    from transflower.audio.reading import read_pieces
    from transflower.formats.registry import is_motion_file

    check_files(*paths)
    for path in filter(None, paths):
        if is_motion_file(path):
            raise DataError(f"{path} is motion, and a song belongs in its place")
        next(read_pieces(path))


def check_prompt(source: str | None, data: Path | None) -> None:
    """Refuse a prompt that is neither motion nor, in a folder of features, a sequence.

    Raises:
        TransflowerError: saying what a prompt is.
    """
    from transflower.formats.registry import is_motion_file, refuse_others

    if source is None:
        return
    path = Path(source)
    refuse_others(path)
    if is_motion_file(path):
        check_files(path)
    elif data is None:
        raise DataError(f"{source}: a prompt is a .bvh or another file of motion, or with --data the id of a sequence")


def check_beats(path: Path | None, name: str) -> None:
    """Refuse a file of beats that cannot be used, or a folder without one for the song of this name.

    Raises:
        TransflowerError: saying where and why.
    """
    from transflower.features.audio.beat_file import find_beats, read_beats

    if path is not None:
        check_files(path)
        read_beats(find_beats(path, name))


def check_device(name: str) -> None:
    """Refuse what is the name of no device; whether this machine has it, torch alone knows.

    Raises:
        OptionsError: saying what there is.
    """
    if not _DEVICE.fullmatch(name):
        raise OptionsError(f"--device {name} is no device; give auto, cpu, cuda, cuda:1 or mps")


def check_model(path: Path | None) -> None:
    """Refuse a folder that holds no model.

    Raises:
        ModelError: there is none, or no such folder.
    """
    from transflower.core.model_folder import find_model

    if path is not None:
        find_model(path)


def check_features(path: Path | None, *splits: str) -> None:
    """Refuse what is no folder, may not be read, or lacks the list of a split.

    Raises:
        TransflowerError: saying which.
    """
    from transflower.data.store import Store

    if path is not None:
        store = Store(path)
        for split in splits:
            store.ids(split)
