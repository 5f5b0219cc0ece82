"""Music swap: is a dance likelier under its own music than under that of another recording?"""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from transflower.core.errors import TransflowerError
from transflower.data.store import Store
from transflower.evaluation.likelihoods import Frames, log_likelihood, model_of, music_of_model, num_columns
from transflower.evaluation.metric import MeansOfRecordings, NotMeasurable, Number, mean
from transflower.evaluation.songs_of import songs_of
from transflower.evaluation.system import Setting, System

_SAME_TEMPO = 0.03
_OTHERS = 2
"""Recordings whose music is tried, of any tempo; and as many of the same."""


class MusicSwap(MeansOfRecordings):
    """Whether the model hears which music a real dance belongs to; shares of 0.5 are chance.

    The log-likelihood of each held-out sequence is computed with its own music, and with that of up to two recordings
    of other songs, over the frames that both have; other inputs, such as the style, stay its own. The share of pairs in
    which its own are likelier, and the mean margin in nats/dim, are told of all pairs, and of those whose tempi differ
    by less than 3 %, where the beat alone tells less. Its own past is given each time, so that small margins are usual.
    """

    source = "music swap of exact-likelihood models; no paper reports it"
    group = "likelihood"
    numbers: ClassVar[Mapping[str, Number]] = {
        "swap_share": Number(title="own music likelier (share)", better="higher"),
        "swap_margin": Number(title="by (nats/dim)", better="higher"),
        "swap_share_same_tempo": Number(title="own music likelier, same tempo (share)", better="higher"),
        "swap_margin_same_tempo": Number(title="by, same tempo (nats/dim)", better="higher"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, dict[str, float]]:
        """Compare every real sequence with its neighbours in the list."""
        music_of_model(model_of(system))
        songs, found = _songs(setting), {}
        if len(set(songs.values())) < 2:
            raise NotMeasurable("all recordings have the same song")
        for index, one in enumerate(setting.ids):
            own = log_likelihood(system, setting, one)
            others = [*setting.ids[index + 1 :], *setting.ids[:index]]
            others = [other for other in others if songs[other] != songs[one]]
            alike = [other for other in others if _tempo_ratio(setting, one, other) < 1 + _SAME_TEMPO]
            margins = {
                other: self._margin(own, log_likelihood(system, setting, one, music_of=other), setting)
                for other in dict.fromkeys([*others[:_OTHERS], *alike[:_OTHERS]])
            }
            found[one] = _told([margins[other] for other in others[:_OTHERS]], "") | _told(
                [margins[other] for other in alike[:_OTHERS]], "_same_tempo"
            )
        return found

    @staticmethod
    def _margin(own: Frames, swapped: Frames, setting: Setting) -> float:
        frames = min(len(own), len(swapped))
        return float((own[:frames] - swapped[:frames]).mean()) / num_columns(setting)


def _songs(setting: Setting) -> Mapping[str, str]:
    """Of each recording, the first that has the same song."""
    try:
        return setting.once("songs", lambda: songs_of(Store(setting.data), setting.ids, setting.output))
    except TransflowerError as error:
        raise NotMeasurable(f"songs cannot be told apart: {error}") from error


def _told(margins: Sequence[float], ending: str) -> dict[str, float]:
    return {
        f"swap_share{ending}": mean([float(value > 0) for value in margins]),
        f"swap_margin{ending}": mean(margins),
    }


def _tempo_ratio(setting: Setting, one: str, other: str) -> float:
    """The faster tempo by the slower one; infinite where beats are not known."""
    if not {one, other} <= set(setting.beats):
        return math.inf
    tempi = [float(np.median(np.diff(setting.beats[name]))) for name in (one, other)]
    return max(tempi) / min(tempi)
