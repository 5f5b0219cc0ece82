"""BVH as one of the formats."""

from pathlib import Path

from transflower.formats.bvh.reader import read_bvh
from transflower.formats.bvh.writer import write_bvh
from transflower.formats.format import Format, ReadOptions
from transflower.formats.recording import Recording


def _read(path: Path, options: ReadOptions) -> Recording:
    return read_bvh(path, unit=options.unit, up=options.up, fps=options.fps)


def _write(path: Path, recording: Recording) -> None:
    write_bvh(path, recording.clip, layout=recording.layout)


BVH = Format(name="bvh", suffixes=(".bvh",), read=_read, write=_write)
