"""Turns: the body goes round, the feet step or turn on their balls."""

from transflower.synthetic.curves import Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift, Step

PIVOT_TURN = Move(
    name="pivot_turn",
    energy=0.55,
    styles={"funk": 0.9, "house": 0.7, "latin": 0.9, "hiphop": 0.3},
    footwork=(
        Step(foot="l", on=0, x=-0.20, z=0.32),
        Shift(on=1.4, weight=0.3),
        Shift(on=2.2, weight=-0.9),
        Shift(on=3, weight=-0.9),
        Step(foot="l", on=4, x=0.04, z=0.30, turn=-180),
        Shift(on=5.4, weight=0.3),
        Shift(on=6.2, weight=-0.9),
        Step(foot="l", on=7, turn=-360, carries="touch", lift=0.03),
    ),
    turn=((0, 0), (0.6, 0), (2, -180), (4.6, -180), (6, -360)),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(1, "swing_front chest open open swing_front chest open open"),
    right=ArmKeys.every(1, "swing_back chest open open swing_back chest open open"),
    body={"head_yaw": Keys(((0, 0), (1, -35), (2, 0), (4, 0), (5, -35), (6, 0)))},
)

ROLLING_TURN = Move(
    name="rolling_turn",
    energy=0.65,
    styles={"latin": 1.1, "house": 0.6, "funk": 0.6},
    footwork=(
        Step(foot="l", on=0, at=(0.26, 0.0), turn=70),
        Step(foot="r", on=1, at=(0.50, 0.0), turn=200),
        Step(foot="l", on=2, at=(0.72, 0.0), turn=345),
        Step(foot="r", on=3, at=(0.70, 0.0), turn=360, carries="touch", lift=0.03),
        Step(foot="r", on=4, at=(0.44, 0.0), turn=290),
        Step(foot="l", on=5, at=(0.20, 0.0), turn=160),
        Step(foot="r", on=6, at=(-0.02, 0.0), turn=15),
        Step(foot="l", on=7, carries="touch", lift=0.03),
    ),
    turn=((-0.5, 0), (0, 55), (1, 190), (2, 345), (2.7, 360), (3.5, 360), (4, 305), (5, 170), (6, 15), (6.7, 0)),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(1, "open chest chest open swing_across chest chest open"),
    right=ArmKeys.every(1, "swing_across chest chest open open chest chest open"),
    body={"head_yaw": Keys(((0, 30), (1, 10), (2, 0), (4, -30), (5, -10), (6, 0)))},
)

PADDLE_TURN = Move(
    name="paddle_turn",
    energy=0.45,
    styles={"hiphop": 0.5, "funk": 0.9, "house": 0.9, "latin": 0.4},
    footwork=tuple(
        Step(foot="l", on=beat, x=0.18, turn=-45 * (beat + 1), carries="touch", lift=0.045, pitch=12)
        for beat in range(8)
    ),
    turn=tuple((beat + half, -45.0 * (beat + 1)) for beat in range(8) for half in (0.0, 0.35)),
    bounce=Bounce(depth=0.05),
    left=ArmKeys.every(1, "goal vee"),
    right=ArmKeys.every(8, "hip"),
    body={"hip_roll": Pulse(7, 1), "chest_roll": Swing(5, 2), "sway": Pulse(0.03, 1)},
)
