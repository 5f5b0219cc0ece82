"""Plain arrays: a folder for each feature, ``FEATURE/ID.npy``, as many data sets keep what they computed."""

from pathlib import Path

from transflower.core.array_file import read_header
from transflower.core.errors import DataError, TransflowerError
from transflower.core.files import check_name
from transflower.core.listing import first_few, listing
from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import distinct, left_out

_SUFFIX = ".npy"


def find_arrays(config: ImportConfig) -> Found:
    """A row for each id; its motion is the array of the first feature in which it is.

    Raises:
        DataError: there are none.
    """
    features = array_files(config.folder, out=config.out)
    rows: dict[str, RecordingRow] = {}
    for paths in features.values():
        for one, path in paths.items():
            rows.setdefault(one, RecordingRow(id=one, motion=path))
    incomplete = sorted(one for one in rows if any(one not in paths for paths in features.values()))
    return Found(rows=distinct(rows.values()), notes=tuple(left_out("ids of lists: features are missing", incomplete)))


def array_files(folder: Path, *, out: Path) -> dict[str, dict[str, Path]]:
    """Feature -> id -> file, of the sub-folders that hold arrays, without the one that is written into.

    Raises:
        DataError: there are none, or listing those that are no arrays of numbers.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name that of the arrays")
    found: dict[str, dict[str, Path]] = {}
    problems = []
    for path in sorted(folder.glob(f"*/*{_SUFFIX}")):
        if path.parent.absolute() == out.absolute():
            continue
        try:
            if not 1 <= len(shape := read_header(path).shape) <= 2 or 0 in shape:
                raise DataError(f"{path}: has shape {list(shape)}; frames of columns are needed")
            found.setdefault(check_name(path.parent.name, what="feature name"), {})[check_name(path.stem)] = path
        except TransflowerError as error:
            problems.append(str(error))
    if problems:
        raise DataError(listing("the arrays cannot be used", first_few(problems, 20)))
    if not found:
        raise DataError(
            f"{folder} holds no arrays; they lie in a folder for each feature, as {folder}/FEATURE/ID{_SUFFIX}"
        )
    return found


ARRAYS = Corpus(
    title="plain arrays",
    find=find_arrays,
    terms="what may be done with them is for you to know",
    are_arrays=True,
)
