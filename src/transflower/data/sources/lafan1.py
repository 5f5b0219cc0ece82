"""LAFAN1: BVH called ``dance1_subject2``: theme, take and person."""

import re

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import distinct, left_out, named_files, stem

_NAME = re.compile(r"(?P<theme>[A-Za-z]+)\d*_(?P<person>subject\d+)")


def find_lafan1(config: ImportConfig) -> Found:
    """All clips; the theme is the style.

    Raises:
        DataError: there are none.
    """
    fitting, others = named_files(config, _NAME)
    rows = []
    for path, match in fitting:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", match["theme"]).lower()
        rows.append(RecordingRow(id=stem(path), motion=path, style=words, dancer=match["person"], text=words))
    return Found(rows=distinct(rows), notes=tuple(left_out("files whose names are not those of LAFAN1", others)))


LAFAN1 = Corpus(
    title="LAFAN1",
    find=find_lafan1,
    terms="CC BY-NC-ND 4.0: no commercial use, nothing changed is handed on; keep what learns from it to yourself",
)
