"""Characters of users: a skeleton of theirs, with a body around it or without, on which dances are put."""

from transflower.formats.character.character import Character
from transflower.formats.character.opening import open_character

__all__ = ["Character", "open_character"]
