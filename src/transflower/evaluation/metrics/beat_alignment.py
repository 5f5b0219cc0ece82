"""Beat alignment scores (BAS)."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from transflower.evaluation.beat_alignment import (
    aist_beats,
    alignment_chance,
    alignment_score,
    bailando_beats,
    beat_metrics,
)
from transflower.evaluation.landmarks import clip_of
from transflower.evaluation.metric import MeanMetric, Number
from transflower.evaluation.music_beats import music_beats
from transflower.evaluation.system import Sample, Setting
from transflower.motion.beats import kinematic_beats


class BeatAlignment(MeanMetric):
    """Beat alignment scores (BAS): how near the moments at which the body slows down are to beats of the music.

    Two scores have this name. That of AIST++ is the mean over kinematic beats of exp(-d^2 / (2 s^2)), where d is the
    distance to the nearest beat of the music and s is 0.05 seconds, three frames of 60 a second. That of Bailando and
    most papers since is the mean over beats of the music, d being the distance to the nearest kinematic beat. AIST++
    favours few, certain pauses; Bailando favours nervous dances, which have a kinematic beat near everything. So each
    stands beside its chance level: the mean score of moments at random, among the same beats of the music (AIST++) or
    the same kinematic beats (Bailando).

    Kinematic beats are minima of the mean speed of the joints at 60 frames a second, to which others are brought by
    splines: for AIST++ the slowest of ten frames on either side, for Bailando all minima after a Gaussian filter of
    five frames. A dance without any has the score 0. Of kinematic beats, those between the first and the last beat of
    the music count; of beats of the music, those within the sample. Papers that leave three frames for 30 a second
    have twice the tolerance.

    The offset is the mean distance from a kinematic beat to the nearest beat of the music, in milliseconds, for minima
    that are a tenth of the mean speed deep; by chance it is a quarter of the time between beats.
    """

    source = "Li et al. 2021, AI Choreographer (AIST++); Siyao et al. 2022, Bailando"
    group = "beat"
    numbers: ClassVar[Mapping[str, Number]] = {
        "bas_aist": Number(title="BAS, AIST++", better="higher"),
        "bas_aist_chance": Number(title="by chance, AIST++"),
        "bas_bailando": Number(title="BAS, Bailando", better="higher"),
        "bas_bailando_chance": Number(title="by chance, Bailando"),
        "beat_offset": Number(title="offset from the beat (ms)", better="lower"),
        "beat_offset_chance": Number(title="by chance (ms)"),
    }

    def measure(self, sample: Sample, setting: Setting) -> Mapping[str, float]:
        """Those of one sample."""
        clip, music = clip_of(sample), music_beats(sample, setting)
        positions = sample.positions
        paused = aist_beats(positions, clip.fps)
        paused = paused[(paused >= music[0]) & (paused <= music[-1])]
        slowed = bailando_beats(positions, clip.fps)
        offsets = beat_metrics(kinematic_beats(positions, clip.fps), music)
        return {
            "bas_aist": alignment_score(paused, music),
            "bas_aist_chance": alignment_chance(music, float(music[0]), float(music[-1])),
            "bas_bailando": alignment_score(music, slowed),
            "bas_bailando_chance": alignment_chance(slowed, 0.0, clip.seconds),
            "beat_offset": offsets.error_ms,
            "beat_offset_chance": offsets.error_chance_ms if np.isfinite(offsets.error_ms) else float("nan"),
        }
