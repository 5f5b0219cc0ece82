"""What sound says of beats, frame by frame: the network's activations and the onsets, as likelihood ratios.

Shape letters: N samples, F frames, E entries of the onset envelope.
"""

import numpy as np
from jaxtyping import Float, Float32

from transflower.audio.resampling import Resampler
from transflower.features.audio.beat_activations import SAMPLE_RATE, BeatActivations
from transflower.features.audio.buffer import SlidingBuffer
from transflower.features.audio.decaying_sums import decaying_sums
from transflower.features.audio.onsets import OnsetEnvelope
from transflower.features.audio.state import Stateful, load_states, states_of

_ENTRIES = 2
"""Entries of the onset envelope in a frame."""
_NORMAL_SECONDS = 4.0
"""Onsets are judged by their mean and deviation over so long, exponentially."""
_SMALL_VARIANCE = 1e-10
"""Added to that of the envelope, so that silence has no onsets."""
_ONSET_SLOPE, _ONSET_MIDDLE = 1.3, 2.2
_LEAST = 1e-3
_ODDS = 15.0
"""Of no beat in a frame, before anything is heard."""
_UNKNOWN = 1 / (1 + _ODDS)
_SILENT_LEVEL = 1e-4
"""Sound that stays below, -80 dB, is none: it tells nothing of beats, so that they go on through a break."""


class BeatObservations:
    """Takes sound in pieces of any size; gives each frame as soon as all that it depends on has arrived."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = Resampler(sample_rate, SAMPLE_RATE, is_quick=True)
        self._network = BeatActivations()
        self._onsets = OnsetEnvelope(SAMPLE_RATE)
        silence = self._onsets.samples_before
        self._sound = SlidingBuffer(start=-silence, silence=silence)
        self._num_entries = 0
        self._moments = np.zeros(3)
        """Sums over the past of weight, weighted entry and weighted square."""
        self._by_network = np.zeros((0, 2), np.float32)
        # A frame reads the entries on either side of its own; there is none before the first.
        self._by_onset = np.zeros((1, 2))
        """Probability of a beat, and whether there is any sound."""

    def push(self, sound: Float32[np.ndarray, " N"], *, last: bool = False) -> Float[np.ndarray, "F 3"]:
        """Probabilities of a beat and of a downbeat by the network, and of a beat by the onset; NaN without sound.

        After the ``last`` sound follows a second of silence.
        """
        sound = self._resampler.push(sound, last=last)
        if last:
            sound = np.concatenate([sound, np.zeros(SAMPLE_RATE, np.float32)])
        self._by_network = np.concatenate([self._by_network, self._network.push(sound)])
        self._by_onset = np.concatenate([self._by_onset, self._onset_probabilities(sound)])
        count = min(len(self._by_network), (len(self._by_onset) - 1) // _ENTRIES)
        beside = [self._by_onset[offset : offset + _ENTRIES * count : _ENTRIES] for offset in range(3)]
        onset, is_heard = np.max(beside, axis=0).T
        rows = np.column_stack([self._by_network[:count], onset])
        rows[is_heard == 0] = np.nan
        self._by_network, self._by_onset = self._by_network[count:], self._by_onset[_ENTRIES * count :]
        return rows

    def state_dict(self) -> dict[str, np.ndarray]:
        """The state, as named arrays."""
        return states_of(self._parts()) | {
            "num_entries": np.array(self._num_entries),
            "moments": self._moments,
            "by_network": self._by_network,
            "by_onset": self._by_onset,
        }

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue where ``state`` was taken, up to rounding, by one of the same sample rate."""
        load_states(self._parts(), state)
        self._num_entries, self._moments = int(state["num_entries"]), np.array(state["moments"])
        self._by_network, self._by_onset = np.array(state["by_network"]), np.array(state["by_onset"])

    def _parts(self) -> dict[str, Stateful]:
        return {"resampler": self._resampler, "network": self._network, "sound": self._sound}

    def _onset_probabilities(self, sound: Float32[np.ndarray, " N"]) -> Float[np.ndarray, "E 2"]:
        self._sound.append(sound)
        unread = self._sound.since(self._num_entries * self._onsets.hop - self._onsets.samples_before)
        if len(unread) < self._onsets.samples_before + self._onsets.samples_after:
            return np.zeros((0, 2))
        strengths = self._onsets.strength(unread).astype(float)
        self._num_entries += len(strengths)
        self._sound.forget(self._num_entries * self._onsets.hop - self._onsets.samples_before)
        hop = self._onsets.hop
        own = np.abs(unread[self._onsets.samples_before :][: hop * len(strengths)])
        is_heard = own.reshape(len(strengths), hop).max(axis=1) > _SILENT_LEVEL
        probability = 1 / (1 + np.exp(-_ONSET_SLOPE * (self._standardised(strengths) - _ONSET_MIDDLE)))
        return np.column_stack([probability, is_heard])

    def _standardised(self, strengths: Float[np.ndarray, " E"]) -> Float[np.ndarray, " E"]:
        """Less the mean, over the deviation, of the recent past."""
        keep = float(np.exp(-1 / (_NORMAL_SECONDS * self._onsets.rate)))
        values = np.stack([np.ones_like(strengths), strengths, strengths**2], axis=1)
        moments = decaying_sums(values, self._moments, keep=keep)
        self._moments = moments[-1]
        weight, total, squares = moments.T
        mean = total / weight
        return np.asarray((strengths - mean) / np.sqrt(np.maximum(squares / weight - mean**2, 0) + _SMALL_VARIANCE))


def ratios(
    observations: Float[np.ndarray, "F 3"], *, network_power: float, onset_power: float
) -> Float[np.ndarray, " F"]:
    """Likelihood ratios of a beat in each frame: of what was heard if there is one, to that if there is none."""
    by_network, by_onset = observations[:, 0], observations[:, 2]
    return np.asarray(_odds(by_network) ** network_power * _odds(by_onset) ** onset_power)


def _odds(probability: Float[np.ndarray, " F"]) -> Float[np.ndarray, " F"]:
    clipped = np.clip(np.nan_to_num(probability, nan=_UNKNOWN), _LEAST, 1 - _LEAST)
    return np.asarray(_ODDS * clipped / (1 - clipped))
