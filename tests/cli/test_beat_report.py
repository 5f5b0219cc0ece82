from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import bouncing
from transflower.cli.beat_report import told_beats
from transflower.features.audio.beat_times import HeardBeats

TIMES = 0.5 + 0.5 * np.arange(20)
HEARD = HeardBeats(times=TIMES, sure=np.ones(20), tempi=np.full(20, 120.0), share=1.0, certainty=0.874)


@pytest.mark.parametrize(
    ("beats", "clips", "told"),
    [
        (HEARD, [], "song: danced at 120 beats per minute, 87% sure"),
        (
            HEARD,
            [bouncing(0.0)],
            "song: danced at 120 beats per minute, 87% sure; the dance keeps the beat by 1.00 (1 is always, 0.20 is "
            "chance)",
        ),
        (
            replace(HEARD, share=0.5),
            [bouncing(depth=0.001)],
            "song: danced at 120 beats per minute, 87% sure in the 50% of the song that have a beat; the hips do not "
            "go up and down",
        ),
        (
            replace(HEARD, tempi=np.linspace(80, 120, 20)),
            [],
            "song: danced at 82 to 118 beats per minute, mostly 100, 87% sure",
        ),
        (
            replace(HEARD, times=TIMES[:2], sure=np.ones(2), tempi=np.full(2, 120.0)),
            [bouncing(0.0)],
            "song: no beat heard",
        ),
    ],
)
def test_one_line_says_tempo_how_sure_and_how_well_the_beat_is_kept(beats, clips, told):
    assert told_beats("song", beats, clips) == told


def test_beats_that_were_given_are_not_sure_but_given():
    assert told_beats("song", HEARD, [], is_given=True) == "song: danced at 120 beats per minute, as given"
    few = replace(HEARD, times=TIMES[:2], sure=np.ones(2), tempi=np.full(2, 120.0))
    assert told_beats("song", few, [], is_given=True) == "song: too few beats to speak of"


def test_several_dances_have_a_range():
    offbeat = np.where(np.arange(330) < 165, 0.0, 0.25)
    told = told_beats("song", HEARD, [bouncing(0.0), bouncing(offbeat)])
    assert "the dances keep the beat by 0.0" in told
    assert " to 1.00 (1 is always, " in told
