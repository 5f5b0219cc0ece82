"""Labels that a model is given: a style, a dancer, an energy, a text, as a user writes them.

Shape letters: T frames, D columns.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from transflower.core.errors import DataError, ModelError, OptionsError
from transflower.core.listing import name_some
from transflower.core.rates import count_frames
from transflower.features.labels import class_frames, number_frames, parse_timed, word_rows
from transflower.features.sidecar import LabelsSidecar
from transflower.generation.conditions import can_be_unknown
from transflower.models import LoadedModel


def label_conditions(loaded: LoadedModel) -> dict[str, LabelsSidecar]:
    """The conditions of a model that are labels."""
    found = {name: loaded.sidecar(name, LabelsSidecar) for name in loaded.model.conditions}
    return {name: sidecar for name, sidecar in found.items() if sidecar is not None}


def check_labels(loaded: LoadedModel, labels: Mapping[str, str]) -> None:
    """Refuse labels that the model is not given.

    Raises:
        OptionsError: naming those that it is.
    """
    known = label_conditions(loaded)
    for name in labels:
        if name not in known:
            told = f"its labels are {', '.join(known)}" if known else "it has learnt no labels"
            raise OptionsError(f"the model is given no {name} ({told})")


def label_rows(
    loaded: LoadedModel, names: Iterable[str], labels: Mapping[str, str], num_positions: int
) -> dict[str, np.ndarray]:
    """Rows of conditions that are labels, but for those that are not given and may be unknown.

    Args:
        loaded: the model.
        names: the conditions.
        labels: condition -> as ``parse_timed`` reads it; a text as it is.
        num_positions: frames of the output.

    Raises:
        DataError: a label that the model has not learnt, or times that are wrong.
        ModelError: a label is missing that the model cannot do without.
    """
    known, labels = label_conditions(loaded), with_defaults(loaded, labels)
    check_told(loaded, [name for name in names if name not in labels])
    return {name: _given(loaded, name, known[name], labels[name], num_positions) for name in names if name in labels}


def with_defaults(loaded: LoadedModel, labels: Mapping[str, str]) -> dict[str, str]:
    """Labels, and of those that are not given the ones that the model takes then."""
    defaults = {name: sidecar.default for name, sidecar in label_conditions(loaded).items() if sidecar.default}
    return {**defaults, **labels}


def check_told(loaded: LoadedModel, missing: Iterable[str]) -> None:
    """Refuse to go without labels that a model has always been told.

    Raises:
        ModelError: naming one.
    """
    known = label_conditions(loaded)
    for name in missing:
        if not can_be_unknown(loaded.model, name):
            words = known[name].vocabulary
            choice = f"one of {name_some(words)}" if words else "a number"
            option = "--style" if name == "style" else f"--labels.{name}"
            raise ModelError(f"{loaded.folder} has learnt with a {name}, {choice}; give it by {option}")


def _given(loaded: LoadedModel, name: str, sidecar: LabelsSidecar, text: str, num_positions: int) -> np.ndarray:
    count = _num_rows(loaded, name, num_positions)
    try:
        if loaded.model.spans[name].mode == "single":
            return word_rows(text, sidecar.vocabulary, count)
        labels = parse_timed(text)
        if sidecar.fps is None and len(labels) > 1:
            raise DataError("the model has learnt labels that stay the same; give one")
        fps = sidecar.fps or 1.0
        if sidecar.vocabulary:
            return class_frames(labels, fps, count, vocabulary=sidecar.vocabulary)
        return number_frames(labels, fps, count)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _num_rows(loaded: LoadedModel, name: str, num_positions: int) -> int:
    span = loaded.model.spans[name]
    if span.mode == "sequence":
        return count_frames(num_positions, span.rate)
    return 1 if span.mode == "tile" else span.length
