"""A quick recogniser of moves for tests."""

from functools import cache

from transflower.evaluation.move_recognition import MoveRecogniser, move_recogniser


@cache
def quick_recogniser() -> MoveRecogniser:
    """Trained on few dances, for tests in which its answers hardly matter."""
    return move_recogniser.__wrapped__(repeats=8)
