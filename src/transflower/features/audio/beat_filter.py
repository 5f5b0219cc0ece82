"""Where the beat is: a filter over tempo and phase, read as sound arrives or smoothed over the whole song.

The likelihood ratio of a beat in each frame comes from the network's activations and from the onsets. The dance's hand
is read off the probabilities of the states (``dance_hand``).

Shape letters: F frames, T rows, R tempi, P phases.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

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
        read = [self._advance(piece) for piece in self._blocks(ratios)]
        return Hands.joined(read)

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        message = {"beat": self._message.beat, "none": np.array(self._message.none)}
        return states_of({"hand": self._hand}) | message | {"num_frames": np.array(self._num_frames)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue exactly where ``state`` was taken."""
        load_states({"hand": self._hand}, state)
        self._message = states.Message(beat=np.array(state["beat"], np.float32), none=float(state["none"]))
        self._num_frames = int(state["num_frames"])

    def _blocks(self, ratios: Float[np.ndarray, " F"]) -> Iterator[Float[np.ndarray, " F"]]:
        """Up to the end of each block, where the tempo may change."""
        open_frames = -self._num_frames % states.BLOCK
        yield from (part for part in np.split(ratios, range(open_frames, len(ratios), states.BLOCK)) if len(part))

    def _advance(self, ratios: Float[np.ndarray, " F"]) -> Hands:
        frames = range(self._num_frames, self._num_frames + len(ratios))
        hands = []
        for frame, likelihood in zip(frames, states.likelihoods(ratios, self._num_frames), strict=True):
            self._message = (self._message * likelihood).normalised
            hands.append(self._hand.read(self._message, frame))
        self._num_frames += len(ratios)
        if self._num_frames % states.BLOCK == 0:
            self._message = states.forward(self._message, self._num_frames - 1)
        return Hands.joined(hands)


def smooth(ratios: Float[np.ndarray, " F"]) -> Hands:
    """The reading of a whole song: what is known of a frame is all that is heard before and after it.

    The hands are those at the ends of blocks, ten a second. Read backwards in time, as the messages from the end are.
    """
    padded = np.concatenate([ratios, np.ones(-len(ratios) % states.BLOCK)])
    blocks = padded.reshape(-1, states.BLOCK)
    # A song of usual length is smoothed at once; of a longer one, parts are, after a first pass over all of it.
    size = len(blocks) if len(blocks) <= _MOST_BLOCKS else _CHECKPOINT_BLOCKS
    checkpoints = _forward_checkpoints(blocks, size)
    hand, message = DanceHand(step=-states.BLOCK), states.nothing_follows()
    read: list[Hands] = []
    for number in reversed(range(len(checkpoints))):
        start = number * size
        part = blocks[start : start + size]
        likelihoods = [_likelihood(one, block) for block, one in enumerate(part, start=start)]
        before = _forward(likelihoods, checkpoints[number], start)
        for block in reversed(range(len(before))):
            frame = (start + block + 1) * states.BLOCK - 1
            read.append(hand.read((before[block] * message).normalised, frame))
            message = states.backward(message * likelihoods[block], frame - states.BLOCK)
    return Hands.joined(read[::-1])


def _forward_checkpoints(blocks: Float[np.ndarray, "F B"], size: int) -> list[states.Message]:
    """Probabilities before every ``size`` blocks."""
    message, checkpoints = states.nothing_heard(), []
    for block, ratios in enumerate(blocks):
        if block % size == 0:
            checkpoints.append(message)
        if block // size == (len(blocks) - 1) // size:
            break  # Nobody asks what comes after the last part.
        message = states.forward(message * _likelihood(ratios, block), (block + 1) * states.BLOCK - 1)
    return checkpoints


def _forward(likelihoods: Sequence[states.Message], message: states.Message, first: int) -> list[states.Message]:
    """Probabilities at the end of each block, before the tempo may change."""
    found = []
    for block, likelihood in enumerate(likelihoods, start=first):
        message = message * likelihood
        found.append(message)
        message = states.forward(message, (block + 1) * states.BLOCK - 1)
    return found


def _likelihood(ratios: Float[np.ndarray, " B"], block: int) -> states.Message:
    return states.likelihood(ratios, block * states.BLOCK)
