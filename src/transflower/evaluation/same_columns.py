"""Whether the columns of a model's output mean what those of the data do."""

from collections.abc import Mapping
from typing import Any

from transflower.data.store import Store
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.system import Setting
from transflower.models import LoadedModel

_KEYS = ("names", "fps", "representation", "skeleton", "root_frame")


def means_the_same(loaded: LoadedModel, output: str, described: Mapping[str, Any] | None) -> bool:
    """Whether an output has the body, the frame rate and the columns that a sidecar of the data describes."""
    own = loaded.sidecars.get(output)
    if own is None or described is None:
        return True
    return all(own.get(key) == described.get(key) for key in _KEYS)


def check_columns(loaded: LoadedModel, output: str, setting: Setting) -> None:
    """Refuse to give a model the columns of the data where they mean something else to it.

    Raises:
        NotMeasurable: they do.
    """
    if not means_the_same(loaded, output, Store(setting.data).sidecar(setting.output)):
        raise NotMeasurable("it was trained on another body, or at another frame rate")
