"""Hip moves."""

from transflower.synthetic.curves import Hold, Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift, Step

HIP_CIRCLE = Move(
    name="hip_circle",
    energy=0.3,
    styles={"latin": 1.8, "hiphop": 0.4, "house": 0.4, "funk": 0.5},
    footwork=(
        Step(foot="l", on=0, x=0.09),
        *(Shift(on=beat, weight=0.6 if beat % 4 == 1 else -0.6) for beat in (1, 3, 5)),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.03),
    left=ArmKeys.every(8, "hip"),
    right=ArmKeys.every(8, "hip"),
    body={
        "sway": Swing(0.075, 4, 1.0),
        "fore": Swing(0.08, 4, 0.0),
        "hip_pitch": Swing(-13, 4, 0.0),
        "hip_roll": Swing(9, 4, 1.0),
        "chest_pitch": Swing(12, 4, 0.0),
        "chest_roll": Swing(-13, 4, 1.0),
        "rise": Hold(-0.05),
    },
)

HIP_BUMP = Move(
    name="hip_bump",
    energy=0.55,
    styles={"latin": 1.3, "funk": 1.0, "house": 0.4, "hiphop": 0.3},
    footwork=(
        Step(foot="l", on=0, x=0.08),
        Shift(on=1, weight=0.9),
        Shift(on=2, weight=-0.9),
        Shift(on=3, weight=-0.9),
        Shift(on=4, weight=0.9),
        Shift(on=5, weight=0.9),
        Shift(on=6, weight=-0.9),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.02),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(2, "head up", dwell=0.3),
    right=ArmKeys.every(1, "low_out swing_out"),
    body={
        "sway": Keys(((0, 0.07), (0.5, 0.0), (1, 0.08), (2, -0.07), (2.5, 0.0), (3, -0.08)), period=4),
        "hip_roll": Keys(((0, 10), (0.5, 2), (1, 12), (2, -10), (2.5, -2), (3, -12)), period=4),
        "chest_roll": Keys(((0, -12), (0.5, -4), (1, -14), (2, 12), (2.5, 4), (3, 14)), period=4),
        "rise": Pulse(-0.02, 1, 0.0),
    },
)
