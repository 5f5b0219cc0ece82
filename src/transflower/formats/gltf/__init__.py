"""glTF 2.0 files (GLB, glTF, VRM, VRMA): read with bounds, written, and added to without changing what is there."""
