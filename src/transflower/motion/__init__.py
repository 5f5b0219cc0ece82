"""Motion: skeletons, clips, BVH, rotations, kinematics.

Units everywhere: metres, seconds, radians; Y up, facing +Z; quaternions are wxyz; joints in hierarchy order
(parents before children). Readers convert a file's own units at the border.
"""
