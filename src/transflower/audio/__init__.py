"""Sound: reading and writing files, sample rates, timing.

Samples are float32 in about [-1, 1], ``[N, C]`` (frames, channels); sample 0 is the first that a player lets you hear.
"""
