"""Follow-through: parts of the body follow damped springs, so that they start late, overshoot and settle.

Shape letters: T frames, C controls.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.signal import lfilter, lfilter_zi

from transflower.synthetic.controls import INDEX


@dataclass(frozen=True)
class Spring:
    """A damped spring that pulls a part of the body towards where the move wants it."""

    frequency: float
    """Hz; a lower one lags and swings more."""
    damping: float
    """1 never overshoots."""

    def follow(self, target: Float[np.ndarray, "T C"], fps: float) -> Float[np.ndarray, "T C"]:
        """Where the part is when its spring is drawn along ``target``, from rest at the first frame."""
        omega = 2 * np.pi * self.frequency
        # Bilinear transform of omega^2 / (s^2 + 2 damping omega s + omega^2).
        scale = 2 * fps
        ends = scale**2 + omega**2
        wobble = 2 * self.damping * omega * scale
        gain = omega**2 / (ends + wobble)
        numerator = gain * np.array([1.0, 2.0, 1.0])
        denominator = np.array([1.0, 2 * (omega**2 - scale**2) / (ends + wobble), (ends - wobble) / (ends + wobble)])
        rest = lfilter_zi(numerator, denominator)[:, None] * target[:1]
        return lfilter(numerator, denominator, target, axis=0, zi=rest)[0]


_SPRINGS: tuple[tuple[Spring, float, tuple[str, ...]], ...] = (
    # Spring, seconds by which the part begins early so that its arrival stays on the beat, controls.
    (Spring(6.0, 0.8), 1 / 30, ("chest_yaw", "chest_pitch", "chest_roll", "chest_slide", "chest_push")),
    (Spring(3.6, 0.7), 1 / 30, ("head_yaw", "head_pitch", "head_roll")),
    (Spring(4.5, 0.62), 1 / 30, ("arm_x", "arm_y", "arm_z", "shrug")),
    (Spring(3.8, 0.55), 1 / 30, ("elbow", "forearm")),
    (Spring(2.8, 0.45), 1 / 30, ("wrist_bend", "wrist_side")),
)
LEAD_SECONDS = max(lead for _, lead, _ in _SPRINGS)
"""How far beyond its end a dance must be posed."""


def follow_through(controls: Float[np.ndarray, "T C"], fps: float, looseness: float) -> Float[np.ndarray, "T C"]:
    """The controls after the springs; ``looseness`` above 1 makes a softer dancer."""
    result = controls.copy()
    for spring, lead, names in _SPRINGS:
        columns = [column for name in names for column in _columns(name)]
        soft = Spring(spring.frequency / looseness, spring.damping)
        swung = soft.follow(controls[:, columns], fps)
        frames = round(lead * fps)
        result[:, columns] = np.concatenate([swung[frames:], np.repeat(swung[-1:], frames, axis=0)])
    return result


def _columns(name: str) -> list[int]:
    if name in INDEX:
        return [INDEX[name]]
    return [INDEX[f"{name}_l"], INDEX[f"{name}_r"]]
