"""The beats of the music of a sample.

Shape letters: B beats.
"""

import numpy as np
from jaxtyping import Float

from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import NotMeasurable
from transflower.evaluation.system import Sample, Setting


def music_beats(sample: Sample, setting: Setting) -> Float[np.ndarray, " B"]:
    """Seconds of those within the sample.

    Raises:
        NotMeasurable: they are not known, or fewer than two.
    """
    beats = setting.beats.get(sample.id)
    if beats is None:
        raise NotMeasurable("no beats of its music are heard or given")
    beats = beats[(beats >= 0) & (beats <= clip_of(sample).seconds)]
    if len(beats) < 2:
        raise NotMeasurable("its music has fewer than two beats")
    return beats
