"""Waves: a movement that travels from one part of the body to the next."""

from transflower.synthetic.curves import Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift, Step

BODY_WAVE = Move(
    name="body_wave",
    energy=0.3,
    styles={"house": 0.7, "hiphop": 0.9, "latin": 0.8, "funk": 0.4},
    footwork=(
        Step(foot="l", on=0, x=0.03, z=0.16),
        Shift(on=1, weight=0.2),
        Shift(on=6, weight=-0.4),
        Step(foot="l", on=7, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.03),
    left=ArmKeys.every(1, "swing_front low_out swing_back low", dwell=0.0),
    right=ArmKeys.every(1, "swing_front low_out swing_back low", dwell=0.0),
    body={
        "head_pitch": Swing(-16, 4, 0.0),
        "chest_push": Swing(20, 4, 0.5),
        "chest_pitch": Swing(-16, 4, 0.6),
        "hip_pitch": Swing(-16, 4, 1.6),
        "fore": Swing(0.07, 4, 1.4),
        "rise": Pulse(-0.09, 4, 3.0, 1.2),
    },
)

ARM_WAVE = Move(
    name="arm_wave",
    energy=0.35,
    styles={"hiphop": 1.2, "funk": 0.8, "house": 0.5},
    footwork=(
        Step(foot="l", on=0, x=0.08),
        Shift(on=1, weight=0.7),
        Shift(on=3, weight=-0.7),
        Shift(on=5, weight=-0.6),
        Shift(on=6, weight=-0.9),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(8, "out"),
    right=ArmKeys.every(8, "out"),
    body={
        "wrist_bend_l": (Pulse(-55, 8, 0.0, 8), Pulse(55, 8, 0.6, 8), Pulse(-55, 8, 7.4, 8), Pulse(55, 8, 6.8, 8)),
        "elbow_l": (Pulse(55, 8, 0.9, 8), Pulse(55, 8, 6.5, 8)),
        "arm_z_l": (Pulse(34, 8, 1.1, 8), Pulse(34, 8, 6.3, 8), Pulse(-26, 8, 0.3, 8), Pulse(-26, 8, 5.6, 8)),
        "shrug_l": (Pulse(16, 8, 1.6, 8), Pulse(16, 8, 5.8, 8)),
        "chest_slide": Keys(((0, -8), (2, 10), (4, 10), (6, -10)), dwell=0.0),
        "shrug_r": (Pulse(16, 8, 2.2, 8), Pulse(16, 8, 5.2, 8)),
        "arm_z_r": (Pulse(34, 8, 2.7, 8), Pulse(34, 8, 4.7, 8), Pulse(-26, 8, 2.0, 8), Pulse(-26, 8, 5.5, 8)),
        "elbow_r": (Pulse(55, 8, 2.9, 8), Pulse(55, 8, 4.5, 8)),
        "wrist_bend_r": (Pulse(55, 8, 3.2, 8), Pulse(-55, 8, 3.8, 8), Pulse(55, 8, 4.3, 8)),
        "head_yaw": Keys(((0, 28), (3.5, -28), (7, 28)), dwell=0.0),
    },
)

SNAKE = Move(
    name="snake",
    energy=0.4,
    styles={"house": 0.8, "hiphop": 0.8, "latin": 0.5, "funk": 0.5},
    footwork=(
        Step(foot="l", on=0, x=0.20),
        Shift(on=1, weight=0.9),
        Shift(on=2, weight=-0.3),
        Shift(on=3, weight=-0.9),
        Shift(on=4, weight=0.3),
        Shift(on=5, weight=0.9),
        Shift(on=6, weight=-0.9),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(2, "low_out swing_across", dwell=0.0),
    right=ArmKeys.every(2, "swing_across low_out", dwell=0.0),
    body={
        "head_roll": Swing(-13, 4, 0.0),
        "chest_slide": Swing(22, 4, 0.4),
        "chest_roll": Swing(-16, 4, 0.5),
        "hip_roll": Swing(8, 4, 1.2),
        "sway": Swing(0.05, 4, 1.2),
        "rise": Pulse(-0.05, 2, 1.0, 1.2),
    },
)
