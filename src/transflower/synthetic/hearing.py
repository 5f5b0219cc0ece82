"""What the beat features hear of a song: whether there is a beat to dance to, and whether it is that of the dance.

Shape letters: T rows, D columns, K beats, P phrases.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float32

from transflower.audio.audio import Audio
from transflower.features.audio import AudioSettings, extract, names
from transflower.synthetic.curves import PHRASE_BEATS
from transflower.synthetic.dance_hands import heard_and_danced

_LEAST_SURE = 0.4
"""Mean of ``beat_sure`` over a phrase below which a dancer does not know the beat."""
_LEAST_HEARD = 0.05
"""Mean length of the hand below which a song has none that could contradict."""


def is_unsure(sound: Audio, beats: Float[np.ndarray, "K"]) -> Bool[np.ndarray, "P"]:
    """Whether each phrase has no beat that is heard."""
    settings = AudioSettings()
    sure = extract(sound, settings)[:, names(settings).index("beat_sure")]
    starts = np.minimum(np.round(beats[::PHRASE_BEATS] * settings.fps).astype(int), len(sure) - 1)
    return np.array([part.mean() < _LEAST_SURE for part in np.split(sure, starts)[1:]])


def hand_agreement(
    rows: Float32[np.ndarray, "T D"], names: Sequence[str], beats: Float[np.ndarray, "K"], fps: float
) -> float:
    """Length of the mean of the hand of the features, turned back by the phase of ``beats``: 1 where both agree.

    Rows count by how sure the features are of a beat; 1 where they are hardly ever sure.
    """
    hand, danced = heard_and_danced(rows, names, beats, fps)
    inside = danced != 0
    length = float(np.abs(hand[inside]).mean())
    if length < _LEAST_HEARD:
        return 1.0
    return max(float((hand[inside] * danced[inside].conj()).mean().real), 0.0) / length
