"""Arm moves: moves led by the arms."""

from transflower.synthetic.curves import Hold, Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift, Step

DISCO_POINT = Move(
    name="disco_point",
    energy=0.65,
    styles={"funk": 1.4, "house": 0.9, "latin": 0.3},
    footwork=(
        Step(foot="l", on=0, x=0.16),
        *(Shift(on=beat, weight=0.9 if beat % 2 == 0 else -0.6) for beat in range(1, 7)),
        Step(foot="l", on=7, x=0.04, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(1, "point_up point_down", dwell=0.35),
    right=ArmKeys.every(8, "hip"),
    body={
        "hip_roll": Swing(5, 2),
        "chest_roll": Swing(7, 2),
        "chest_yaw": Swing(13, 2),
        "head_yaw": Swing(16, 2),
        "head_pitch": Swing(-8, 2),
    },
)

RAISE_ROOF = Move(
    name="raise_roof",
    energy=0.85,
    styles={"house": 1.1, "hiphop": 1.0, "funk": 0.5, "latin": 0.3},
    footwork=tuple(
        step
        for bar in (0, 4)
        for step in (
            Step(foot="l", on=bar + 0, x=0.13, lift=0.07),
            Shift(on=bar + 1, weight=0.8),
            Step(foot="r", on=bar + 2, x=-0.13, lift=0.07),
            Shift(on=bar + 3, weight=-0.8),
        )
    ),
    bounce=Bounce(depth=0.075),
    left=ArmKeys.every(0.5, "roof_low roof_high", dwell=0.05),
    right=ArmKeys.every(0.5, "roof_low roof_high", dwell=0.05),
    body={"chest_pitch": (Pulse(8, 1), Hold(-5)), "head_pitch": Hold(-8), "chest_roll": Swing(4, 4)},
)

CLAP_SWAY = Move(
    name="clap_sway",
    energy=0.5,
    styles={"house": 1.0, "funk": 0.9, "latin": 0.8, "hiphop": 0.4},
    footwork=tuple(
        step
        for bar in (0, 4)
        for step in (
            Step(foot="l", on=bar + 0, x=0.14),
            Step(foot="r", on=bar + 1, x=0.12, carries="touch", lift=0.03),
            Step(foot="r", on=bar + 2, x=-0.14),
            Step(foot="l", on=bar + 3, x=-0.12, carries="touch", lift=0.03),
        )
    ),
    bounce=Bounce(depth=0.04),
    left=ArmKeys.every(1, "vee clap_high up clap_high", dwell=0.25),
    right=ArmKeys.every(1, "up clap_high vee clap_high", dwell=0.25),
    body={"chest_roll": Swing(-8, 4, 0.0), "sway": Swing(0.03, 4), "head_roll": Swing(6, 4)},
)

VOGUE = Move(
    name="vogue",
    energy=0.6,
    styles={"house": 1.4, "funk": 0.4, "latin": 0.3, "hiphop": 0.2},
    footwork=(
        Step(foot="l", on=0, x=0.10, z=0.08),
        Shift(on=2, weight=0.9),
        Shift(on=3, weight=-0.9),
        Shift(on=4, weight=-0.9),
        Shift(on=5, weight=0.7),
        Shift(on=6, weight=-0.9),
        Step(foot="l", on=7, x=0.02, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(1, "out elbow_out face crown goal head chest hip", dwell=0.35),
    right=ArmKeys.every(1, "hip goal crown face elbow_out out across hip", dwell=0.35),
    body={
        "hip_roll": Keys(((0, 4), (1, -4), (2, 5), (3, -5), (4, -5), (5, 5), (6, -4), (7, 0)), dwell=0.35),
        "chest_yaw": Keys(((0, 10), (1, -8), (2, 14), (3, -14), (4, 8), (5, -10), (6, 12), (7, 0)), dwell=0.35),
        "head_yaw": Keys(((0, 30), (1, -20), (2, -25), (3, 25), (4, 35), (5, -35), (6, 0), (7, 0)), dwell=0.35),
        "head_pitch": Keys(((0, -4), (2, -8), (4, 4), (6, -6)), dwell=0.35),
    },
)
