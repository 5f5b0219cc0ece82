"""What a move is: footwork, turns, bounce, body curves and arm poses over one phrase of eight beats.

Moves are written for a dancer who begins with the left foot; the dancer mirrors them where the right foot is free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from transflower.synthetic.arm_poses import ARM_POSES
from transflower.synthetic.controls import INDEX
from transflower.synthetic.curves import PHRASE_BEATS, Curve, Number

Foot = Literal["l", "r"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One foot leaves the floor and comes down on a beat.

    Places are metres to the left and forward of where the foot stands at home, in the dancer's frame at the start of
    the phrase, after that frame has travelled to ``at`` and turned by ``turn`` degrees.
    """

    foot: Foot
    on: Number
    """The beat of landing (or of the height of a kick)."""
    x: Number = 0.0
    z: Number = 0.0
    y: Number = 0.0
    """Height of the ball of the foot at the end: above 0 the foot stays in the air, as in a kick."""
    at: tuple[Number, Number] = (0.0, 0.0)
    turn: Number = 0.0
    carries: Literal["weight", "touch", "jump"] = "weight"
    """The weight goes onto the foot; it only touches the floor; or both feet land at once."""
    pitch: Number = 0.0
    """Heel above the toes at the end, in degrees; negative for a dig of the heel."""
    lift: Number = 0.05
    """Height of the arc, in metres."""
    take: Number = 0.6
    """Beats from leaving the floor to landing."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The weight goes over one foot without a step: 1 all on the left, -1 all on the right, 0 between."""

    on: Number
    weight: Number


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """The pulse in the knees: the hips are lowest on the beat, which is how a dance shows its beat."""

    depth: Number = 0.04
    """Metres."""
    sharpness: Number = 1.5
    """A higher one drops later and deeper."""


@dataclass(frozen=True, kw_only=True)
class ArmKeys:
    """Arm poses by beat; between them the arms swing and are quiet at each."""

    keys: tuple[tuple[Number, str], ...]
    period: Number = PHRASE_BEATS
    dwell: Number = 0.2

    @classmethod
    def every(cls, beats: Number, names: str, *, dwell: Number = 0.2) -> "ArmKeys":
        """Poses named in a row, one each so many beats, over and over."""
        poses = names.split()
        keys = tuple((index * beats, name) for index, name in enumerate(poses))
        return cls(keys=keys, period=beats * len(poses), dwell=dwell)

    def __post_init__(self) -> None:
        unknown = {name for _, name in self.keys} - ARM_POSES.keys()
        assert not unknown, f"no arm pose is called {unknown}"


@dataclass(frozen=True, kw_only=True)
class Move:
    """A whole-body phrase."""

    name: str
    energy: Number
    """How lively it is, 0 to 1; music of that energy calls for it."""
    styles: Mapping[str, Number]
    """Affinity to musical styles; 0 where a style is not named."""
    left: ArmKeys
    right: ArmKeys
    footwork: tuple[Step | Shift, ...] = ()
    turn: tuple[tuple[Number, Number], ...] = ()
    """Degrees to the left that the body has turned, by beat; the last one stays."""
    bounce: Bounce = field(default_factory=Bounce)
    nod: Number = 1.0
    """Scale of the style's nod on the beat."""
    body: Mapping[str, Curve | tuple[Curve, ...]] = field(default_factory=dict)
    """Curves of controls; several are added."""

    def __post_init__(self) -> None:
        unknown = self.body.keys() - INDEX.keys()
        assert not unknown, f"{self.name}: no control is called {unknown}"

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps alone, in order of landing."""
        return tuple(sorted((part for part in self.footwork if isinstance(part, Step)), key=lambda step: step.on))
