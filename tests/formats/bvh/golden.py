"""A BVH of three joints, written by hand; in centimetres, Y up."""

import numpy as np

HIERARCHY = """\
HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 50 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT Head
    {
      OFFSET 0 30 0
      CHANNELS 3 Yrotation Xrotation Zrotation
      End Site
      {
        OFFSET 0 20 0
      }
    }
  }
}
"""

MOTION = """\
MOTION
Frames: 2
Frame Time: 0.04
0 90 0 0 0 0 0 0 0 0 0 0
10 90 5 90 0 0 0 90 0 0 0 0
"""

GOLDEN = HIERARCHY + MOTION

# The hips turn by a quarter about Z, so that up becomes -X; the spine by a quarter about its X, so that up becomes Z.
POSITIONS = np.array([[[0, 90, 0], [0, 140, 0], [0, 170, 0]], [[10, 90, 5], [-40, 90, 5], [-40, 90, 35]]]) / 100
TIPS = np.array([[[0, 190, 0]], [[-40, 90, 55]]]) / 100
