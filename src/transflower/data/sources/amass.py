"""AMASS: many data sets as npz of SMPL bodies, in folders ``DATASET/SUBJECT/NAME_poses.npz`` or ``_stageii.npz``."""

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import distinct, motion_files, path_id

_ENDS = ("_poses", "_stageii")


def find_amass(config: ImportConfig) -> Found:
    """All motion of AMASS; files of body shapes hold none.

    Raises:
        DataError: there is none.
    """
    rows = []
    for path in motion_files(config, (".npz",)):
        one = path_id(path, config.folder)
        for end in _ENDS:
            one = one.removesuffix(end)
        above = path.relative_to(config.folder).parts[:-1]
        name = one.rpartition("__")[2]
        rows.append(
            RecordingRow(
                id=one, motion=path, dancer="_".join(above[-2:]), text=" ".join(name.replace("_", " ").split())
            )
        )
    return Found(rows=distinct(rows))


AMASS = Corpus(
    title="AMASS",
    find=find_amass,
    terms="for non-commercial research, by its licence and those of its parts; what learns from it is too",
)
