"""Poses <-> features. ``encode_motion`` and ``decode_motion`` in ``codec``; one file a representation."""

from transflower.features.motion import expmap as expmap
from transflower.features.motion import rot6d as rot6d
