"""What ARCHITECTURE.md names exists."""

import re

from tests.documents.documents import CHECKOUT

TEXT = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SOURCE = CHECKOUT / "src" / "transflower"
OF_A_RUN = {"best/", "last/", "logs/"}


def test_files_and_folders_exist():
    named = re.findall(r"`((?:\w+/)+[\w.]*)`", TEXT)
    # `models/heads/NAME.py` is a file to come, in a folder that is there.
    paths = {re.sub(r"\w*(NAME|VERB)[\w.]*$", "", path) for path in named} - OF_A_RUN
    assert len(paths) > 5
    assert not [path for path in paths if not ((SOURCE / path).exists() or (CHECKOUT / path).exists())]
