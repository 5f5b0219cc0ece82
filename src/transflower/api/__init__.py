"""The package in a few lines of Python: ``transflower.load().dance("song.mp3").save("dance.glb")``."""
