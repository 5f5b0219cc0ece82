"""Songs with exact beats: MIDI files, and the WADs of games that hold them, rendered to sound."""

from recipes.midi.grid import Grid, read_grid
from recipes.midi.rendering import Renderer
from recipes.midi.songs import HELD_OUT, MidiSong, find_songs, is_held_out

__all__ = ["HELD_OUT", "Grid", "MidiSong", "Renderer", "find_songs", "is_held_out", "read_grid"]
