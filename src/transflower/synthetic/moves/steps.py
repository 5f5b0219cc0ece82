"""Steps: moves led by the feet."""

from transflower.synthetic.curves import Keys, Pulse, Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Foot, Move, Shift, Step

_LEFT_RIGHT: tuple[Foot, ...] = ("l", "r")

STEP_TOUCH = Move(
    name="step_touch",
    energy=0.3,
    styles={"house": 1.0, "funk": 1.2, "hiphop": 0.8, "latin": 0.4},
    footwork=tuple(
        step
        for bar in (0, 4)
        for step in (
            Step(foot="l", on=bar + 0, x=0.18),
            Step(foot="r", on=bar + 1, x=0.17, carries="touch", lift=0.03),
            Step(foot="r", on=bar + 2, x=-0.18),
            Step(foot="l", on=bar + 3, x=-0.17, carries="touch", lift=0.03),
        )
    ),
    bounce=Bounce(depth=0.05),
    left=ArmKeys.every(1, "swing_out ready swing_across ready"),
    right=ArmKeys.every(1, "swing_across ready swing_out ready"),
    body={"chest_yaw": Keys(((0, 14), (1, 3), (2, -14), (3, -3)), period=4), "chest_slide": Swing(7, 4, 0.2)},
)

GRAPEVINE = Move(
    name="grapevine",
    energy=0.5,
    styles={"house": 0.9, "funk": 1.0, "latin": 0.6},
    footwork=(
        Step(foot="l", on=0, x=0.28),
        Step(foot="r", on=1, x=0.52, z=-0.16),
        Step(foot="l", on=2, x=0.60),
        Step(foot="r", on=3, x=0.58, carries="touch", lift=0.03),
        Step(foot="r", on=4, x=0.30),
        Step(foot="l", on=5, x=0.06, z=-0.16),
        Step(foot="r", on=6, x=-0.02),
        Step(foot="l", on=7, carries="touch", lift=0.03),
    ),
    bounce=Bounce(depth=0.035),
    left=ArmKeys.every(1, "open chest out clap open chest out clap"),
    right=ArmKeys.every(1, "open chest out clap open chest out clap"),
    body={"hip_yaw": Keys(((0, 5), (1, -14), (2, 8), (3, 0), (4, -5), (5, 14), (6, -8), (7, 0)))},
)

MARCH = Move(
    name="march",
    energy=0.7,
    styles={"house": 1.1, "funk": 0.5, "hiphop": 0.6},
    footwork=tuple(Step(foot=foot, on=beat, lift=0.24, take=0.85) for beat, foot in enumerate(_LEFT_RIGHT * 4)),
    bounce=Bounce(depth=0.03),
    left=ArmKeys.every(1, "pump_front pump_back", dwell=0.1),
    right=ArmKeys.every(1, "pump_back pump_front", dwell=0.1),
    body={"chest_yaw": Swing(-10, 2), "hip_yaw": Swing(6, 2), "chest_pitch": Pulse(5, 1)},
)

MAMBO = Move(
    name="mambo",
    energy=0.5,
    styles={"latin": 2.2, "house": 0.3, "funk": 0.3},
    footwork=(
        Step(foot="l", on=0, x=-0.02, z=0.32),
        Shift(on=1, weight=-0.8),
        Step(foot="l", on=2),
        Shift(on=3, weight=0.95),
        Step(foot="r", on=4, x=0.02, z=-0.32),
        Shift(on=5, weight=0.8),
        Step(foot="r", on=6),
        Shift(on=7, weight=-0.95),
    ),
    bounce=Bounce(depth=0.045),
    left=ArmKeys.every(1, "swing_back ready pump_front pump_front pump_front ready pump_back pump_back"),
    right=ArmKeys.every(1, "pump_front ready pump_back pump_back swing_back ready pump_front pump_front"),
    body={
        "hip_roll": Keys(((0, 5), (1, -7), (2, 8), (3, 9), (4, -5), (5, 7), (6, -8), (7, -9))),
        "sway": Keys(((0, 0.01), (1, -0.03), (2, 0.03), (3, 0.05), (4, -0.01), (5, 0.03), (6, -0.03), (7, -0.05))),
        "hip_yaw": Keys(((0, -14), (1, 4), (2, 8), (4, 14), (5, -4), (6, -8))),
        "chest_yaw": Keys(((0, 12), (1, -3), (2, -8), (4, -12), (5, 3), (6, 8))),
    },
)

KICK_STEP = Move(
    name="kick_step",
    energy=0.75,
    styles={"funk": 1.0, "house": 1.0, "hiphop": 0.4, "latin": 0.3},
    footwork=tuple(
        step
        for bar in (0, 4)
        for step in (
            Step(foot="l", on=bar + 0, x=-0.03, z=0.06),
            Step(foot="r", on=bar + 1, x=0.04, z=0.78, y=0.22, carries="touch", pitch=10, lift=0.05, take=0.7),
            Step(foot="r", on=bar + 2, x=0.02, z=-0.22, take=0.7),
            Step(foot="l", on=bar + 3, x=-0.02, z=-0.42, carries="touch", pitch=38, lift=0.04),
        )
    ),
    bounce=Bounce(depth=0.05),
    left=ArmKeys.every(1, "ready swing_front ready pump_front"),
    right=ArmKeys.every(1, "ready swing_back ready swing_back"),
    body={
        "chest_pitch": Keys(((0, 2), (1, -8), (2, 2), (3, 14)), period=4),
        "chest_yaw": Keys(((0, 0), (1, -12), (2, 0), (3, -12)), period=4),
        "hip_pitch": Keys(((0, 0), (1, -8), (2, 0), (3, 8)), period=4),
    },
)

WALK = Move(
    name="walk",
    energy=0.35,
    styles={"hiphop": 1.0, "funk": 0.8, "house": 0.6, "latin": 0.4},
    footwork=(
        Step(foot="l", on=0, x=-0.03, z=0.27, lift=0.06),
        Step(foot="r", on=1, x=0.03, z=0.54, lift=0.06),
        Step(foot="l", on=2, x=-0.03, z=0.80, lift=0.06),
        Step(foot="r", on=3, z=0.82, carries="touch", lift=0.04),
        Step(foot="r", on=4, x=0.02, z=0.52),
        Step(foot="l", on=5, x=-0.02, z=0.27),
        Step(foot="r", on=6, z=0.0),
        Step(foot="l", on=7, carries="touch", lift=0.04),
    ),
    bounce=Bounce(depth=0.04),
    left=ArmKeys.every(1, "swing_back swing_front swing_back low swing_back swing_front swing_back low"),
    right=ArmKeys.every(1, "swing_front swing_back swing_front low swing_front swing_back swing_front low"),
    body={"chest_roll": Swing(4, 2, 0.5), "chest_pitch": Pulse(4, 1)},
)

HEEL_DIG = Move(
    name="heel_dig",
    energy=0.4,
    styles={"funk": 1.0, "hiphop": 0.7, "house": 0.5, "latin": 0.3},
    footwork=tuple(
        step
        for bar in (0, 4)
        for step in (
            Step(foot="l", on=bar + 0, x=0.05, z=0.26, carries="touch", pitch=-28),
            Step(foot="l", on=bar + 1),
            Step(foot="r", on=bar + 2, x=-0.05, z=0.26, carries="touch", pitch=-28),
            Step(foot="r", on=bar + 3),
        )
    ),
    bounce=Bounce(depth=0.055),
    left=ArmKeys.every(1, "front chest pump_back chest"),
    right=ArmKeys.every(1, "pump_back chest front chest"),
    body={"chest_pitch": Keys(((0, -4), (1, 8), (2, -4), (3, 8)), period=4), "chest_yaw": Swing(-12, 4)},
)
