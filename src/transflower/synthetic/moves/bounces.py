"""Bounces: moves led by the knees and the weight."""

from transflower.synthetic.curves import Hold, Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift, Step

GROOVE = Move(
    name="groove",
    energy=0.25,
    styles={"hiphop": 1.8, "funk": 0.7, "house": 0.5, "latin": 0.2},
    footwork=(
        Step(foot="l", on=0, x=0.14),
        *(Shift(on=beat, weight=0.55 if beat % 4 < 2 else -0.55) for beat in range(1, 7)),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.10, sharpness=1.3),
    left=ArmKeys.every(1, "swing_across swing_out ready swing_out", dwell=0.1),
    right=ArmKeys.every(1, "ready swing_out swing_across swing_out", dwell=0.1),
    body={
        "chest_pitch": Pulse(13, 1),
        "chest_push": Swing(-8, 1, 0.1),
        "chest_yaw": Swing(9, 4, 0.5),
        "shrug_l": Pulse(7, 2, 0.5),
        "shrug_r": Pulse(7, 2, 1.5),
    },
)

JUMP_OUT = Move(
    name="jump_out",
    energy=0.95,
    styles={"house": 1.3, "hiphop": 0.6, "funk": 0.6, "latin": 0.2},
    footwork=tuple(
        part
        for beat in (0, 2, 4, 6)
        for part in (
            Step(foot="l", on=beat, x=0.19, carries="jump", lift=0.09, take=0.5),
            Step(foot="r", on=beat, x=-0.19, carries="jump", lift=0.09, take=0.5),
            Shift(on=beat, weight=0),
            Step(foot="l", on=beat + 1, x=0.0, carries="jump", lift=0.09, take=0.5),
            Step(foot="r", on=beat + 1, x=0.0, carries="jump", lift=0.09, take=0.5),
            Shift(on=beat + 1, weight=0),
        )
    ),
    bounce=Bounce(depth=0.10, sharpness=1.8),
    left=ArmKeys.every(1, "vee ready"),
    right=ArmKeys.every(1, "vee ready"),
    body={"rise": Pulse(0.10, 1, 0.6, 2.5), "chest_pitch": Pulse(9, 1), "hip_pitch": Pulse(6, 1)},
)

LUNGE = Move(
    name="lunge",
    energy=0.6,
    styles={"house": 0.7, "hiphop": 0.8, "funk": 0.6, "latin": 0.7},
    footwork=(
        Step(foot="l", on=0, x=0.40, lift=0.07, take=0.75),
        Shift(on=1, weight=0.95),
        Step(foot="l", on=2, take=0.75),
        Shift(on=3, weight=0.95),
        Step(foot="r", on=4, x=-0.40, lift=0.07, take=0.75),
        Shift(on=5, weight=-0.95),
        Step(foot="r", on=6, take=0.75),
        Shift(on=7, weight=-0.95),
    ),
    bounce=Bounce(depth=0.045),
    left=ArmKeys.every(1, "out out chest chest across across chest chest"),
    right=ArmKeys.every(1, "across across chest chest out out chest chest"),
    body={
        "rise": Keys(((0, -0.10), (1, -0.13), (2, 0), (3, -0.01), (4, -0.10), (5, -0.13), (6, 0), (7, -0.01))),
        "chest_roll": Keys(((0, 6), (1, 10), (2, 0), (3, 0), (4, -6), (5, -10), (6, 0), (7, 0))),
        "chest_yaw": Keys(((0, 16), (1, 20), (2, 0), (3, 0), (4, -16), (5, -20), (6, 0), (7, 0))),
        "head_yaw": Keys(((0, 20), (1, 20), (2, 0), (3, 0), (4, -20), (5, -20), (6, 0), (7, 0))),
    },
)

TWIST = Move(
    name="twist",
    energy=0.7,
    styles={"funk": 1.2, "latin": 0.7, "house": 0.5, "hiphop": 0.3},
    footwork=(
        Step(foot="l", on=0, x=0.06, lift=0.03),
        *(Shift(on=beat, weight=0.35 if beat % 4 < 2 else -0.35) for beat in range(1, 8)),
    ),
    bounce=Bounce(depth=0.04),
    left=ArmKeys.every(1, "pump_back swing_across", dwell=0.1),
    right=ArmKeys.every(1, "swing_across pump_back", dwell=0.1),
    body={
        "rise": Keys(((0, -0.05), (4, -0.15)), dwell=0.0),
        "swivel_l": Swing(-26, 2),
        "swivel_r": Swing(26, 2),
        "heel_l": Hold(16),
        "heel_r": Hold(16),
        "hip_yaw": Swing(-24, 2),
        "chest_yaw": Swing(44, 2),
        "chest_pitch": Keys(((0, 4), (4, 10)), dwell=0.0),
    },
)

CHEST_PUMP = Move(
    name="chest_pump",
    energy=0.55,
    styles={"house": 1.4, "hiphop": 1.0, "funk": 0.3},
    footwork=(
        Step(foot="l", on=0, x=0.10),
        *(Shift(on=beat, weight=0.0) for beat in range(1, 7)),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.06),
    left=ArmKeys.every(0.5, "pump_back chest", dwell=0.1),
    right=ArmKeys.every(0.5, "pump_back chest", dwell=0.1),
    body={
        "chest_push": Swing(17, 1),
        "chest_pitch": Swing(-8, 1),
        "hip_pitch": Swing(9, 1),
        "fore": Swing(-0.03, 1),
        "head_pitch": Swing(-7, 1, 0.15),
    },
)
