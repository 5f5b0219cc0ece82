"""A dance: what was drawn, as motion, to look at and to take along.

Shape letters: T frames, D columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Shaped

from transflower.api.saving import PAGE_SUFFIX, check_savable, save_motion, shown_dances
from transflower.core.errors import OptionsError
from transflower.core.files import check_path, write_array
from transflower.evaluation.beat_lock import hip_beat_lock
from transflower.formats.character import Character, open_character
from transflower.formats.recording import Recording
from transflower.formats.writing import MotionWriter
from transflower.generation import Song, motion_sidecars
from transflower.generation.derived import locked_outputs
from transflower.generation.likelihood import frame_log_likelihood
from transflower.models import LoadedModel
from transflower.motion.clip import Clip
from transflower.render.options import VIDEO, VideoConfig
from transflower.viewer import page_html


@dataclass(frozen=True)
class Shown:
    """A page in a frame of its own, which notebooks show."""

    page: str
    """HTML, whole."""
    height: int
    """Pixels."""

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.page)}" width="100%" height="{self.height}" '
            'style="border: 0" allow="fullscreen; autoplay"></iframe>'
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dance:
    """A dance to a song."""

    name: str
    """What its files are called."""
    song: Song
    """What it was danced to."""
    features: Mapping[str, Shaped[np.ndarray, "T D"]]
    """Each output as it was drawn."""
    prompt: Mapping[str, Shaped[np.ndarray, "_ D"]]
    """The frames that it goes on from, by output."""
    loaded: LoadedModel
    """The model that drew it."""

    def __repr__(self) -> str:
        lock = "" if self.beat_lock is None else f", beat lock {self.beat_lock:.2f}"
        return f"Dance({self.name!r}, {self.clip.seconds:.1f} s at {self.clip.fps:g} frames/s{lock})"

    @cached_property
    def recordings(self) -> dict[str, Recording]:
        """The motion of each body, whose standing feet do not slide; most models have one, ``motion``."""
        sidecars = motion_sidecars(self.loaded)
        clips = locked_outputs(self.loaded, self.features, self.song.partner)
        return {name: Recording(clip=clip, layout=sidecars[name].layout) for name, clip in clips.items()}

    @property
    def clip(self) -> Clip:
        """The motion of the first body."""
        return next(iter(self.recordings.values())).clip

    @cached_property
    def log_likelihood(self) -> dict[str, Float32[np.ndarray, " T"]]:
        """Log density of each frame in nats per dimension, by output; see ``frame_log_likelihood``."""
        return frame_log_likelihood(self.loaded, self.song.inputs, self.features, prompt=self.prompt)

    @property
    def beat_lock(self) -> float | None:
        """How well the hips keep the beat, from 0 to 1; None where no beat is heard."""
        heard = self.song.beats
        return None if heard is None or not heard.is_heard else hip_beat_lock(self.clip, heard.times).lock

    def save(
        self,
        path: Path | str,
        *,
        onto: Character | Path | str | None = None,
        bvh_preset: str | None = None,
        render: VideoConfig = VIDEO,
    ) -> Path:
        """Write a file; the end of its name says what: ``.bvh``, ``.glb``, ``.mp4``, ``.html``, ``.npy``, ...

        Args:
            path: the file; its folder is made if need be.
            onto: a character, or its file, on whose skeleton the dance is put.
            bvh_preset: the program whose units, axes and names a BVH has: blender, unity, unreal or mixamo.
            render: what a video looks like.

        Raises:
            OptionsError: no file ends like that, or there is no such preset.
            FormatError: the character cannot be read.
            DataError: the format cannot hold the dance, or there is no sound for a video.
        """
        path = Path(path)
        if path.suffix.lower() == ".npy":
            if onto is not None or bvh_preset is not None:
                raise OptionsError(f"{path}: features are those of the model's skeleton; save motion in another format")
            check_path(path)
            write_array(path, next(iter(self.features.values())))
            return path
        likelihoods = self._likelihoods() if path.suffix.lower() == PAGE_SUFFIX else {}
        motion = MotionWriter(
            character=open_character(onto) if isinstance(onto, Path | str) else onto, bvh_preset=bvh_preset
        )
        check_savable(path, motion)
        return save_motion(
            path,
            {name: replace(body, clip=motion.put(body.clip)) for name, body in self._named().items()},
            sound=self.song.sound,
            beats=self.song.beat_times,
            motion=motion,
            render=render,
            log_likelihoods=likelihoods,
        )

    def html(self) -> str:
        """The page of ``save("dance.html")`` as text."""
        dances = shown_dances(self._named(), self._likelihoods())
        return page_html(dances, title=self.name, sound=self.song.sound, beats=self.song.beat_times)

    def show(self, *, height: int = 560) -> "Shown":
        """The page, for a cell of a notebook to show, so many pixels high."""
        return Shown(self.html(), height=height)

    def _likelihoods(self) -> dict[str, Float32[np.ndarray, " T"]]:
        """The curve of each body, where the model has a density."""
        if not self.loaded.model.has_density:
            return {}
        curves = [self.log_likelihood[output] for output in self.recordings]
        return dict(zip(self._named(), curves, strict=True))

    def _named(self) -> dict[str, Recording]:
        """Each body with a name that says whose dance it is."""
        bodies = self.recordings
        return {self.name if len(bodies) == 1 else f"{self.name}.{output}": body for output, body in bodies.items()}
