import numpy as np
import pytest

from transflower.features.audio import beat_states as states
from transflower.features.audio.beat_filter import BeatFilter, smooth
from transflower.features.audio.beat_states import BLOCK, RATE, Message


def pulses(bpm: float, seconds: float, *, first: float = 0.3, ratio: float = 8.0) -> np.ndarray:
    """Likelihood ratios with a beat every now and then."""
    ratios = np.full(round(seconds * RATE), 0.7)
    ratios[np.rint(np.arange(first, seconds - 0.1, 60 / bpm) * RATE).astype(int)] = ratio
    return ratios


def drawn(seed: int) -> Message:
    rng = np.random.default_rng(seed)
    return Message(
        beat=rng.random((len(states.BPM), states.PHASES)).astype(np.float32), none=float(rng.random())
    ).normalised


def inner(one: Message, other: Message) -> float:
    return float((one.beat.astype(float) * other.beat).sum()) + one.none * other.none


@pytest.mark.parametrize("frame", (5, 1234, 10**8 - 1))
def test_a_change_backward_is_the_transpose_of_that_forward(frame: int) -> None:
    a, b = drawn(0), drawn(1)
    changes = states.Changes(np.array([[frame, frame]]), is_backward=[False, True])
    changed = changes.apply(Message(beat=np.stack([a.beat, b.beat]), none=np.array([a.none, b.none])), 0)
    assert inner(b, changed[0]) == pytest.approx(inner(changed[1], a), rel=1e-5)


def test_change_keeps_phases_and_spreads_tempi() -> None:
    message = states.nothing_heard()
    message.beat[30, 7] = 1
    frame = 1234
    phase = states.phases(np.array([frame]))[0]
    changes = states.Changes(np.array([[frame]]), is_backward=[False])
    near = changes.apply(Message(beat=message.beat[None], none=np.zeros(1)), 0).beat[0]
    assert near[30, 7] > 0.98 * near.sum()
    near[30] = 0
    for row in (29, 31):
        hand = (near[row] * np.exp(2j * np.pi * phase[row])).sum()
        assert np.angle(hand / np.exp(2j * np.pi * phase[30, 7])) == pytest.approx(0, abs=0.02)
    assert near[[29, 31]].sum() > 0.5 * near.sum()


@pytest.mark.parametrize("bpm", (75, 90, 131.7))
def test_hand_is_up_at_pulses(bpm: float) -> None:
    ratios = pulses(bpm, 20)
    frames = np.rint(np.arange(0.3, 19.8, 60 / bpm) * RATE).astype(int)
    hands = BeatFilter().push(ratios)
    late = frames[frames > 10 * RATE]
    assert np.abs(np.angle(hands.hand[late])).max() < 0.4
    assert np.abs(hands.hand[late]).min() > 0.8
    assert hands.bpm[-1] == pytest.approx(bpm, rel=0.03)


def test_pieces_give_what_the_whole_gives_and_a_state_continues() -> None:
    ratios, pieces, whole = pulses(100, 8), BeatFilter(), BeatFilter()
    found = []
    for piece in np.split(ratios, [1, 2, 9, 100, 101, 333]):
        found.append(pieces.push(piece).hand)
        continued = BeatFilter()
        continued.load_state_dict(pieces.state_dict())
        pieces = continued
    np.testing.assert_allclose(np.concatenate(found), whole.push(ratios).hand, atol=1e-6)


def test_smoothing_agrees_with_the_filter_at_the_end_and_is_surer_before() -> None:
    ratios = pulses(100, 30)
    causal, smoothed = BeatFilter().push(ratios), smooth(ratios)
    ends = np.arange(BLOCK - 1, len(ratios), BLOCK)
    assert len(smoothed.hand) == len(ends)
    assert smoothed.hand[-1] == pytest.approx(causal.hand[-1], abs=1e-3)
    assert np.abs(smoothed.hand[9]) > 0.8 > np.abs(causal.hand[ends[9]])


def test_blocks_of_smoothing_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    ratios = pulses(100, 20)
    at_once = smooth(ratios).hand
    monkeypatch.setattr("transflower.features.audio.beat_filter._MOST_BLOCKS", 0)
    monkeypatch.setattr("transflower.features.audio.beat_filter._CHECKPOINT_BLOCKS", 7)
    np.testing.assert_allclose(smooth(ratios).hand, at_once, atol=1e-5)


def test_where_nothing_is_heard_for_long_the_hand_gets_shorter() -> None:
    ratios = np.concatenate([pulses(100, 15), np.ones(60 * RATE)])
    length = np.abs(BeatFilter().push(ratios).hand)
    assert length[17 * RATE] > 0.7
    assert length[-1] < 0.2
