"""Motion as numpy archives: our own, with everything that a clip holds, and those of the SMPL family of bodies."""
