"""Archives of arrays as formats: our own, and SMPL bodies. Which one a file is, its contents say."""

from pathlib import Path

from transflower.formats.format import Format, ReadOptions
from transflower.formats.npz.archive import ArrayArchive
from transflower.formats.npz.motion import NEEDED, read_motion, write_motion
from transflower.formats.npz.smpl_reader import is_smpl, read_smpl
from transflower.formats.npz.smpl_writer import write_smpl
from transflower.formats.recording import Recording
from transflower.motion.axes import parse_up, turn_clip
from transflower.motion.units import parse_unit, scale_clip


def read_npz(path: Path, options: ReadOptions) -> Recording:
    """Read an archive of arrays of either kind.

    Raises:
        FormatError: it is no archive, holds no motion, or is damaged.
        OptionsError: no such unit or axis.
    """
    archive = ArrayArchive(path)
    if is_smpl(archive):
        return Recording(clip=read_smpl(archive, options))
    if not archive.names >= NEEDED:
        missing = ", ".join(sorted(NEEDED - archive.names))
        archive.fail(f"holds no motion: neither poses and trans of an SMPL body, nor {missing}")
    metres, up = parse_unit(options.unit), parse_up(options.up)
    clip = read_motion(archive, fps=options.fps)
    clip = clip if metres is None else scale_clip(clip, metres)
    return Recording(clip=clip if up is None else turn_clip(clip, up, rest=up))


def _holds_motion(path: Path) -> bool:
    archive = ArrayArchive(path)
    return is_smpl(archive) or archive.names >= NEEDED


NPZ = Format(
    name="npz",
    suffixes=(".npz",),
    read=read_npz,
    holds=_holds_motion,
    write=write_motion,
)
"""Our own archive of arrays."""

SMPL = Format(
    name="smpl",
    suffixes=(".smpl.npz",),
    read=read_npz,
    holds=_holds_motion,
    write=write_smpl,
)
"""Archives that research code on bodies reads."""
