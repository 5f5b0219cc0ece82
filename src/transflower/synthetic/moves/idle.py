"""What a dancer does who hears no beat: it is none of the moves, and none of its weight shifts is on a beat."""

from transflower.synthetic.curves import Swing
from transflower.synthetic.moves.move import ArmKeys, Bounce, Move, Shift

IDLE = Move(
    name="idle",
    energy=0.0,
    styles={},
    footwork=(Shift(on=0, weight=0.0), Shift(on=2, weight=0.5), Shift(on=6, weight=-0.5), Shift(on=8, weight=0.0)),
    left=ArmKeys(keys=((0, "low"),)),
    right=ArmKeys(keys=((0, "low"),)),
    bounce=Bounce(depth=0.0),
    nod=0.0,
    body={"sway": Swing(0.03, 8, 2), "chest_roll": Swing(2.0, 8, 2.5), "chest_yaw": Swing(3.0, 8, 3)},
)
"""A slow sway to the left and back in each phrase, without a pulse."""
