"""The two dozen moves, one file for each kind."""

from transflower.synthetic.moves import arms, bounces, hips, steps, turns, waves
from transflower.synthetic.moves.move import Move

MOVES: dict[str, Move] = {
    move.name: move
    for room in (steps, turns, bounces, waves, arms, hips)
    for move in sorted((value for value in vars(room).values() if isinstance(value, Move)), key=lambda move: move.name)
}
"""Every move by name, in the order in which all tables have them."""
