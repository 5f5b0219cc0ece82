"""What happens to music between the studio and the microphone: rooms, overdrive, gain control, small loudspeakers.

Shape letters: N samples.
"""

import numpy as np
from jaxtyping import Float, Float32

from transflower.synthetic.microphones import clipped, in_room, through_band, with_gain_control, with_tone

_EFFECTS = ((0.5, in_room), (0.4, with_tone), (0.3, through_band), (0.4, with_gain_control), (0.3, clipped))
"""How often each happens, in this order."""


def disturb(sound: Float[np.ndarray, "N"], rng: np.random.Generator) -> Float32[np.ndarray, "N"]:
    """The sound after some of all effects."""
    for chance, effect in _EFFECTS:
        if rng.random() < chance:
            sound = effect(sound / (np.abs(sound).max() + 1e-6), rng)
    return sound.astype(np.float32)
