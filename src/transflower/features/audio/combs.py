"""The beats of features that version 0.1 extracted: from the onsets of the last 7.5 seconds alone.

Models that learnt from such features go on reading them; ``beat_filter`` is better, and makes all new ones.

Trains of pulses, of every tempo and phase, are correlated with the recent onset envelope, and so are their doubles,
which have a pulse at half-beats too. The activation is the probability, over all trains, that one of their pulses is
now. It is a prediction: it rises at a beat without a sound, and not at a sound off the beat. The phase is a clock hand
that points up at every beat and goes round between two, the mean of the hands of all trains: the less they agree, the
shorter. As nothing but the recent past counts, a live stream and a file give the same numbers.

Shape letters: T moments, E entries of the envelope, R tempi, P phases,
K waves of a tempo: a cosine and a sine for each harmonic; W waves of all tempi.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Float32

_SECONDS = 7.5
# The envelope is read to this long after the moment, so that the onset of the beat itself counts.
_AHEAD_SECONDS = 0.03
_FADE_IN_SECONDS = 0.5

_SLOWEST_BPM, _FASTEST_BPM, _TEMPO_STEP = 60.0, 180.0, 1.0075
_LIKELY_BPM, _LIKELY_OCTAVES = 115.0, 0.4
_PHASES = 32
_HARMONICS = 6
_PULSE_SECONDS = 0.025
# Drums are at their loudest rise so long after they start.
_LATENESS_SECONDS = 0.006

# How much one more unit of correlation adds to the log-probability of a train; 30 to 60 serve about as well.
_SHARPNESS = 45.0
# Weight of the double train: music is divided in two more often than in three.
_HALF_BEATS = 0.5
# Mean correlation of onsets without a beat (measured: noise up to 0.08, music from 0.3), and of a clear beat.
_NO_BEAT, _CLEAR_BEAT = 0.1, 0.35
# Added to the variance of the envelope, so that silence correlates with nothing.
_SMALL_VARIANCE = 1e-10


class BeatTracker:
    """Stateless: beats from pieces of onset envelope. ``rate`` is the envelope's, in entries per second."""

    def __init__(self, rate: float) -> None:
        self.length = round(_SECONDS * rate)
        """Entries of the envelope that a moment needs."""
        self.ahead = round(_AHEAD_SECONDS * rate)
        """How many of them lie after the moment."""
        tempi = np.exp(np.arange(np.log(_SLOWEST_BPM), np.log(_FASTEST_BPM), np.log(_TEMPO_STEP)))
        hertz = tempi / 60
        seconds = (np.arange(self.length) - (self.length - 1 - self.ahead)) / rate - _LATENESS_SECONDS
        phases = 2 * np.pi * np.arange(_PHASES) / _PHASES

        weight = np.minimum(1, np.arange(1, self.length + 1) / (_FADE_IN_SECONDS * rate))
        self._weight = (weight / weight.sum()).astype(np.float32)
        self._harmonics = _harmonics(hertz, seconds)
        self._trains = _rotations(phases)
        # A train at twice the tempo is the even harmonics of the train itself.
        is_even = np.tile(np.arange(1, _HARMONICS + 1) % 2 == 0, 2)
        self._double_trains = self._trains * is_even[:, None]
        self._scale = self._deviations(self._trains)
        self._double_scale = self._deviations(self._double_trains)
        prior = -0.5 * (np.log2(tempi / _LIKELY_BPM) / _LIKELY_OCTAVES) ** 2
        self._log_prior = prior.astype(np.float32)[:, None]
        from_pulse = np.angle(np.exp(1j * phases)) / (2 * np.pi) / hertz[:, None]
        self._pulse_now = np.exp(-0.5 * (from_pulse / _PULSE_SECONDS) ** 2).astype(np.float32)
        self._hands = np.stack([np.cos(phases), np.sin(phases)], axis=-1).astype(np.float32)

    def track(self, envelopes: Float32[np.ndarray, "T E"]) -> Float[np.ndarray, "T 3"]:
        """Activation, 0 to 1, and cosine and sine of the phase, which is 0 at a beat, times how clear the beat is.

        For moments whose onset envelopes these are: ``length`` entries, ``ahead`` after the moment.
        """
        correlation, double = self._correlations(envelopes)
        log_odds = _SHARPNESS * (correlation + _HALF_BEATS * double) + self._log_prior
        probability = np.exp(log_odds - log_odds.max(axis=(1, 2), keepdims=True))
        probability /= probability.sum(axis=(1, 2), keepdims=True)
        evidence = np.einsum("trp,trp->t", probability, correlation)
        clarity = np.clip((evidence - _NO_BEAT) / (_CLEAR_BEAT - _NO_BEAT), 0, 1)
        activation = np.einsum("trp,rp->t", probability, self._pulse_now)
        phase = probability.sum(axis=1) @ self._hands
        return clarity[:, None] * np.column_stack([activation, phase])

    def _correlations(
        self, envelopes: Float32[np.ndarray, "T E"]
    ) -> tuple[Float32[np.ndarray, "T R P"], Float32[np.ndarray, "T R P"]]:
        """Correlation of each envelope with every train, and with every train at twice the tempo."""
        centred = envelopes - (envelopes @ self._weight)[:, None]
        deviation = np.sqrt((centred**2) @ self._weight + _SMALL_VARIANCE)[:, None, None]
        amplitudes = ((centred * self._weight) @ self._harmonics).reshape(len(envelopes), -1, 2 * _HARMONICS)
        amplitudes /= deviation
        return amplitudes @ self._trains / self._scale, amplitudes @ self._double_trains / self._double_scale

    def _deviations(self, trains: Float32[np.ndarray, "K P"]) -> Float32[np.ndarray, "R P"]:
        """Standard deviation of trains over the window."""
        waves = self._harmonics.reshape(self.length, -1, 2 * _HARMONICS) @ trains
        mean = np.tensordot(self._weight, waves, axes=1)
        return np.sqrt(np.tensordot(self._weight, waves**2, axes=1) - mean**2)


@lru_cache(maxsize=4)
def beat_tracker(rate: float) -> BeatTracker:
    """The tracker for envelopes at ``rate``; kept, as building one takes as long as tracking 20 s of music."""
    return BeatTracker(rate)


def _harmonics(hertz: Float[np.ndarray, " R"], seconds: Float[np.ndarray, " E"]) -> Float32[np.ndarray, "E W"]:
    """Cosines and sines that add up to a train of Gaussian pulses of a fixed width in seconds."""
    angular = 2 * np.pi * hertz[:, None] * np.arange(1, _HARMONICS + 1)
    amplitudes = np.exp(-0.5 * (angular * _PULSE_SECONDS) ** 2)
    angles = angular * seconds[:, None, None]
    waves = np.concatenate([amplitudes * np.cos(angles), amplitudes * np.sin(angles)], axis=-1)
    return waves.reshape(len(seconds), -1).astype(np.float32)


def _rotations(phases: Float[np.ndarray, " P"]) -> Float32[np.ndarray, "K P"]:
    """What shifts a train so that its phase at the moment is ``phases``."""
    angles = np.arange(1, _HARMONICS + 1)[:, None] * phases
    return np.concatenate([np.cos(angles), -np.sin(angles)]).astype(np.float32)
