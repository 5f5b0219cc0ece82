"""Where the beat is: a filter over tempo and phase, read as sound arrives or smoothed over the whole song.

The likelihood ratio of a beat in each frame comes from the network's activations and from the onsets. The dance's hand
is read off the probabilities of the states (``dance_hand``).

Shape letters: F frames, K blocks of B frames.
"""

import numpy as np
from jaxtyping import Float, Float32, Int

from transflower.features.audio import beat_states as states
from transflower.features.audio.dance_hand import DanceHand, Hands
from transflower.features.audio.state import load_states, states_of

_CHECKPOINT_BLOCKS = 128
"""Blocks of a long song that are smoothed at a time; what lies before is known by one message, so that memory hardly
grows."""
_MOST_BLOCKS = 4096
"""Of a song that is smoothed at once: seven minutes, in 72 MB."""


class BeatFilter:
    """The causal reading: what is known of a frame is what was heard up to it."""

    def __init__(self) -> None:
        self._message = states.nothing_heard()
        self._hand = DanceHand()
        self._num_frames = 0

    def push(self, ratios: Float[np.ndarray, " F"]) -> Hands:
        """The hands at the next frames, whose likelihood ratios of a beat these are."""
        frames = np.arange(self._num_frames, self._num_frames + len(ratios))
        ends = np.flatnonzero((frames + 1) % states.BLOCK == 0) + 1
        pieces = [piece for piece in np.split(ratios, ends) if len(piece)]
        changes = states.Changes(frames[ends - 1, None], is_backward=[False]) if len(ends) else None
        known = [self._advance(piece, changes, block) for block, piece in enumerate(pieces)]
        return self._hand.read(
            np.concatenate([np.empty((0, len(states.BPM), states.PHASES), np.float32), *known]), frames
        )

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        message = {"beat": self._message.beat, "none": np.array(self._message.none)}
        return states_of({"hand": self._hand}) | message | {"num_frames": np.array(self._num_frames)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        load_states({"hand": self._hand}, state)
        self._message = states.Message(beat=np.array(state["beat"], np.float32), none=float(state["none"]))
        self._num_frames = int(state["num_frames"])

    def _advance(
        self, ratios: Float[np.ndarray, " F"], changes: states.Changes | None, block: int
    ) -> Float32[np.ndarray, "F R P"]:
        """Probabilities of the states with a beat at the next frames, none of them beyond a block."""
        heard = states.likelihoods(ratios, self._num_frames).accumulated
        known = (self._message * heard).normalised
        self._message = known[-1]
        self._num_frames += len(ratios)
        if changes is not None and self._num_frames % states.BLOCK == 0:
            self._message = changes.apply(_alone(self._message), block)[0] * states.PULL
        return known.beat


def smooth(ratios: Float[np.ndarray, " F"]) -> Hands:
    """The reading of a whole song: what is known of a frame is all that is heard before and after it.

    The hands are those at the ends of blocks, ten a second. Read backwards in time, as the messages from the end are.
    """
    padded = np.concatenate([ratios, np.ones(-len(ratios) % states.BLOCK)])
    blocks = padded.reshape(-1, states.BLOCK)
    # A song of usual length is smoothed at once; of a longer one, parts are, after a first pass over all of it.
    size = len(blocks) if len(blocks) <= _MOST_BLOCKS else _CHECKPOINT_BLOCKS
    starts = range(0, len(blocks), size)
    checkpoints = _forward_checkpoints(blocks, size)
    hand, message = DanceHand(step=-states.BLOCK), states.nothing_follows()
    read: list[Hands] = []
    for start, checkpoint in zip(reversed(starts), reversed(checkpoints), strict=True):
        heard = states.block_likelihoods(blocks[start : start + size], start)
        known, message = _smoothed(heard, checkpoint, message, start)
        read.append(hand.read(known.beat[::-1], _last_frames(start, len(heard.beat))[::-1]))
    return Hands.joined(read)[::-1]


def _forward_checkpoints(blocks: Float[np.ndarray, "K B"], size: int) -> list[states.Message]:
    """Probabilities before every ``size`` blocks."""
    checkpoints = [_alone(states.nothing_heard())]
    for start in range(0, len(blocks) - size, size):
        heard = states.block_likelihoods(blocks[start : start + size], start)
        changes = states.Changes(_last_frames(start, size)[:, None], is_backward=[False])
        message = checkpoints[-1]
        for block in range(size):
            message = changes.apply(message * heard[block], block)
        checkpoints.append(message)
    return [message[0] for message in checkpoints]


def _smoothed(
    heard: states.Message, before: states.Message, after: states.Message, first: int
) -> tuple[states.Message, states.Message]:
    """Probabilities at the end of each of these blocks, and how likely each state before them makes them and ``after``.

    One message passes forward and one backward, each a block at a time; they meet in the middle and go on.
    """
    count = len(heard.beat)
    frames = _last_frames(first, count)
    changes = states.Changes(np.stack([frames, frames[::-1] - states.BLOCK], axis=1), is_backward=[False, True])
    beat, none = np.ones_like(heard.beat), np.ones(count)
    both = states.Message(beat=np.stack([before.beat, after.beat]), none=np.stack([before.none, after.none]))
    for block in range(count):
        early, late = block, count - 1 - block
        beat[late] *= both.beat[1]
        none[late] *= np.asarray(both.none)[1]
        both = both.heard(heard, (early, late))
        beat[early] *= both.beat[0]
        none[early] *= np.asarray(both.none)[0]
        both = changes.apply(both, block)
    return states.Message(beat=beat, none=none).normalised, both[1].normalised


def _last_frames(first: int, count: int) -> Int[np.ndarray, " K"]:
    """Of ``count`` blocks, numbered from ``first`` on."""
    return np.arange(first + 1, first + count + 1) * states.BLOCK - 1


def _alone(message: states.Message) -> states.Message:
    return states.Message(beat=message.beat[None], none=np.array([message.none]))
