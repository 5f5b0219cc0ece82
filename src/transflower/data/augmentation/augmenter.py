"""Changing the windows of a batch at random.

Shape letters: B windows, L frames, D columns.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Shaped

from transflower.core.errors import OptionsError
from transflower.core.rates import count_frames, frame_of
from transflower.core.spans import Span
from transflower.data.augmentation.draws import Draw, draw_windows
from transflower.data.augmentation.options import AugmentationConfig
from transflower.data.augmentation.sound import SoundColumns, change_sound, sound_columns
from transflower.data.windows import WindowLayout
from transflower.features.motion.mirrored import MirroredColumns, mirrored_columns
from transflower.features.sidecar import AudioSidecar, MotionSidecar, Sidecar

_DELTAS = ("_dXposition", "_dZposition", "_dYrotation")
"""Ends of the names of columns that hold a way from frame to frame."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Augmenter:
    """Changes windows, each by what its number and the epoch draw."""

    config: AugmentationConfig
    seed: int
    mirrors: Mapping[str, MirroredColumns]
    """Of each modality that has a mirror image."""
    deltas: Mapping[str, Sequence[int]]
    """Columns of each modality that hold ways from frame to frame."""
    sounds: Mapping[str, SoundColumns]
    """Mel bands of each modality that has them."""
    targets: Sequence[Span]
    """Frames that the targets of a window need."""

    def draw(self, windows: Sequence[int], epoch: int, positions: Sequence[int], lengths: Sequence[int]) -> list[Draw]:
        """What happens to each window; its targets do not go beyond the recording.

        Args:
            windows: their numbers.
            epoch: which one.
            positions: first position of each.
            lengths: positions of the recording of each.
        """
        draws = draw_windows(self.config, self.seed, epoch, windows)
        return [
            replace(draw, tempo=min(draw.tempo, self._most_tempo(position, length))) if draw.tempo > 1 else draw
            for draw, position, length in zip(draws, positions, lengths, strict=True)
        ]

    def change(self, name: str, rows: Shaped[np.ndarray, "B L D"], draws: Sequence[Draw]) -> None:
        """Change the windows of a modality in place; their tempo is changed already."""
        mirror, deltas, sound = self.mirrors.get(name), list(self.deltas.get(name, ())), self.sounds.get(name)
        for window, draw in zip(rows, draws, strict=True):
            if deltas and draw.tempo != 1:
                window[:, deltas] *= draw.tempo
            if mirror is not None and draw.is_mirrored:
                window[:] = window[:, mirror.order] * mirror.signs
            if sound is not None and (draw.has_noise or draw.drops_bands):
                change_sound(window, sound, draw)

    def _most_tempo(self, position: int, length: int) -> float:
        """The quickest tempo at which the targets of a window end in the recording, at least 1."""
        left = [
            (count_frames(length, span.rate) - 1 - frame_of(position, span.rate)) / (span.stop - 1)
            for span in self.targets
            if span.stop > 1
        ]
        return max(1.0, min(left, default=math.inf))


def make_augmenter(
    config: AugmentationConfig,
    seed: int,
    *,
    layout: WindowLayout,
    sidecars: Mapping[str, Sidecar],
) -> Augmenter | None:
    """What changes the windows of a training; None where nothing is to be changed.

    Args:
        config: what is changed.
        seed: of what is drawn.
        layout: what a window consists of.
        sidecars: what the columns of each modality mean, where that is known.

    Raises:
        OptionsError: what is predicted has no mirror image that is known, or no modality is sound.
    """
    if not config.is_on:
        return None
    motions = {name: found for name, found in sidecars.items() if isinstance(found, MotionSidecar)}
    audios = {name: found for name, found in sidecars.items() if isinstance(found, AudioSidecar)}
    mirrors = {name: image for name, found in motions.items() if (image := mirrored_columns(found)) is not None}
    sounds = {name: bands for name, found in audios.items() if (bands := sound_columns(found)) is not None}
    _check_mirrors(config, layout, motions, mirrors)
    if (config.noise or config.drop_bands) and not sounds:
        raise OptionsError("data.augmentation.noise and drop_bands change the mel bands of sound, and no input has any")
    return Augmenter(
        config=config,
        seed=seed,
        mirrors=mirrors if config.mirror else {},
        deltas={
            name: [index for index, column in enumerate(found.names) if column.endswith(_DELTAS)]
            for name, found in motions.items()
        },
        sounds=sounds,
        targets=[span.extended(layout.positions) for span in layout.targets.values()],
    )


def _check_mirrors(
    config: AugmentationConfig,
    layout: WindowLayout,
    motions: Mapping[str, MotionSidecar],
    mirrors: Mapping[str, MirroredColumns],
) -> None:
    if not config.mirror:
        return
    for name in (*layout.targets, *motions):
        if name not in mirrors:
            why = "its joints are mirrored in different ways" if name in motions else "it is no motion"
            advice = "leave it 0, and add --mirror to `extract motion`"
            raise OptionsError(f"data.augmentation.mirror cannot mirror {name!r}: {why}; {advice}")
