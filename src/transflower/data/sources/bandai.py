"""The Bandai-Namco-Research-Motiondataset: BVH called ``dataset-1_CONTENT_STYLE_NUMBER``."""

import re

from transflower.data.import_options import ImportConfig
from transflower.data.recordings import RecordingRow
from transflower.data.sources.corpus import Corpus, Found
from transflower.data.sources.files import distinct, left_out, named_files, stem

_NAME = re.compile(r"dataset-\d_(?P<content>[^_]+)_(?P<style>[^_]+)_\d+")


def find_bandai(config: ImportConfig) -> Found:
    """All clips.

    Raises:
        DataError: there are none.
    """
    fitting, others = named_files(config, _NAME)
    rows = [
        RecordingRow(
            id=stem(path),
            motion=path,
            style=match["style"],
            text=match["content"].replace("-", " "),
        )
        for path, match in fitting
    ]
    return Found(rows=distinct(rows), notes=tuple(left_out("files whose names are not those of the data set", others)))


BANDAI = Corpus(
    title="Bandai-Namco-Research-Motiondataset",
    find=find_bandai,
    terms="CC BY-NC 4.0: not for commercial use, credit Bandai Namco Research Inc.; so is what learns from it",
)
