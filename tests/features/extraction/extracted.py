"""What an extraction of motion has written."""

from pathlib import Path

import numpy as np

from transflower.features.extraction.motion import MotionExtraction
from transflower.features.motion.codec import decode_motion, first_placement
from transflower.features.sidecar import MotionSidecar, read_sidecar
from transflower.motion.clip import Clip
from transflower.motion.kinematics import forward

OPTIONS = MotionExtraction(jobs=1)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name[0] != ".") if folder.exists() else []


def sidecar_of(out: Path, name: str = "motion") -> MotionSidecar:
    sidecar = read_sidecar(out / f"{name}.json")
    assert isinstance(sidecar, MotionSidecar)
    return sidecar


def assert_holds(out: Path, sequence_id: str, clip: Clip) -> None:
    """The features decode to the clip."""
    sidecar = sidecar_of(out)
    back = decode_motion(np.load(out / f"{sequence_id}.motion.npy"), sidecar, first_placement(clip, sidecar))
    np.testing.assert_allclose(forward(back)[0], forward(clip)[0], atol=1e-4)
