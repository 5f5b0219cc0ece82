"""Whether a run goes on with the recordings that it was trained on."""

import logging
from typing import Any

from transflower.core.errors import DataError
from transflower.data.training_data import TrainingData
from transflower.training.folder import RunFolder
from transflower.training.state import Saved

log = logging.getLogger(__name__)


def describe_recordings(data: TrainingData) -> dict[str, Any]:
    """What a run remembers of its recordings: where they are, and a fingerprint of each part."""
    return {"folder": str(data.store.folder), "parts": data.fingerprint}


def check_recordings(saved: Saved, data: TrainingData, folder: RunFolder) -> None:
    """Refuse recordings that have changed in their place; those of another folder, named on purpose, may differ.

    Raises:
        DataError: naming what has changed.
    """
    before, now = saved.run.get("recordings"), describe_recordings(data)
    if not before:  # Older runs do not remember.
        return
    parts = {**before["parts"], **now["parts"]}
    changed = ", ".join(name for name in parts if before["parts"].get(name) != now["parts"].get(name))
    if not changed:
        return
    if before["folder"] != now["folder"]:
        log.warning("the recordings in %s are not those that the run was trained on: %s", now["folder"], changed)
        return
    raise DataError(
        f"the recordings in {now['folder']} have changed since {folder.path} was trained on them ({changed}); bring "
        f"them back, or train on with these in another folder, by --training.start_from {folder.path}"
    )
