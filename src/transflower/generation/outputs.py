"""What is kept of dances: files of motion in any format, features, videos and pages with the music.

Shape letters: B dancers, T frames, D columns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from transflower.core.errors import DataError, ModelError
from transflower.core.files import check_folder, check_name, check_path, is_there, read_json, write_array, write_json
from transflower.core.unfinished import check_free, marked
from transflower.formats.recording import Recording
from transflower.formats.wanted import PAGE, Wanted
from transflower.generation.conditions import motion_sidecars
from transflower.generation.derived import locked_outputs
from transflower.generation.partner import decode_outputs
from transflower.generation.song import Song
from transflower.models import LoadedModel
from transflower.motion.beats import hip_dips
from transflower.motion.clip import Clip
from transflower.render.beat_picture import BeatPicture
from transflower.render.options import VIDEO, VideoConfig
from transflower.render.soundtrack import AUDIO_RATE, loudness, soundtrack
from transflower.render.video import write_video

_PARTNER = "partner"
"""Name of the dancer who is given."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PageDancer:
    """A dancer of a page."""

    name: str
    """What it is called there."""
    sample: int
    """The number of the dance."""
    output: str
    """Which of its bodies."""
    clip: Clip
    """Its motion."""


WritePage = Callable[[Path, Sequence[PageDancer]], None]
"""Writes a page of dancers."""


class DanceFiles:
    """The files of the dances to one song, checked before anything is drawn."""

    def __init__(
        self,
        loaded: LoadedModel,
        song: Song,
        folder: Path,
        wanted: Wanted,
        *,
        samples: int = 1,
        overwrite: bool = False,
        write_page: WritePage | None = None,
    ) -> None:
        """Find a path for every file.

        Args:
            loaded: the model that dances.
            song: what it dances to.
            folder: where the files go; made when the first is written.
            wanted: which files.
            samples: how many dancers; several are numbered.
            overwrite: replace files that are there.
            write_page: writes the page, where one is wanted.

        Raises:
            ModelError: the model draws no motion, which a file would need.
            DataError: a file is there already, nothing can be written there, or there is no sound for a video.
        """
        self._sidecars = {name: loaded.sidecars.get(name) for name in loaded.model.config.outputs}
        self._motions = motion_sidecars(loaded) if wanted.needs_motion else {}
        self._loaded, self._song, self._folder = loaded, song, folder
        self._wanted, self._write_page = wanted, write_page
        name = check_name(song.name, what="song")
        self._stems = [name] if samples == 1 else [f"{name}_{dancer}" for dancer in range(samples)]
        if wanted.needs_motion and not self._motions:
            raise ModelError(
                f"{loaded.folder} does not say which motion its {', '.join(self._sidecars)} is, "
                "so that only features can be written: add --format npy"
            )
        if wanted.is_rendered and song.sound is None:
            raise DataError(
                f"there is no sound for a video of {name}; name it by --music FILE, or leave mp4 out of --format"
            )
        if wanted.beat_picture and song.beats is None:
            raise ModelError(f"{loaded.folder} reads no beats, so that none can be drawn: leave out --draw_beats")
        check_folder(folder)
        for path in self._paths():
            check_path(path)
        if not overwrite:
            self._check_free()

    def clips(self, drawn: Mapping[str, Shaped[np.ndarray, "B T D"]]) -> list[dict[str, Clip]]:
        """The motion of each dancer, by output, as files have it; none where no file needs motion."""
        return [self._clips(drawn, dancer) for dancer in range(len(self._stems))]

    def write(
        self,
        drawn: Mapping[str, Shaped[np.ndarray, "B T D"]],
        render: VideoConfig = VIDEO,
        *,
        clips: Sequence[Mapping[str, Clip]] | None = None,
    ) -> list[Path]:
        """Write every file, each whole or not at all; returns their paths. ``clips`` are what ``clips`` gives."""
        clips = self.clips(drawn) if clips is None else clips
        with marked(self._folder, self._song.name, list(self._paths())):
            if self._wanted.features:
                self._write_features(drawn)
            self._write_clips(clips, render)
        return [path for path in self._paths() if path.suffix != ".json"]

    def _write_clips(self, clips: Sequence[Mapping[str, Clip]], render: VideoConfig) -> None:
        for stem, dancer in zip(self._stems, clips, strict=True):
            for output, clip in dancer.items():
                self._write_motion(stem, output, clip)
        if self._wanted.page:
            assert self._write_page is not None, "whoever wants a page says how it is written"
            self._write_page(self._page_path(), self._page_dancers(clips))
        if self._wanted.beat_picture:
            self._draw_beats(clips)
        for path, dancers in self._videos():
            shown = {
                self._name(self._stems[dancer], output): clip
                for dancer in dancers
                for output, clip in clips[dancer].items()
            }
            if self._song.partner is not None:
                shown[_PARTNER] = self._wanted.motion.put(self._song.partner)
            write_video(
                path, list(shown.values()), self._song.sound, render, beats=self._song.beat_times, names=list(shown)
            )

    def _page_dancers(self, clips: Sequence[Mapping[str, Clip]]) -> list[PageDancer]:
        dancers = [
            PageDancer(name=self._name(stem, output), sample=sample, output=output, clip=clip)
            for sample, (stem, dancer) in enumerate(zip(self._stems, clips, strict=True))
            for output, clip in dancer.items()
        ]
        if self._song.partner is not None:
            clip = self._wanted.motion.put(self._song.partner)
            dancers.append(PageDancer(name=_PARTNER, sample=0, output=_PARTNER, clip=clip))
        return dancers

    def _write_motion(self, stem: str, output: str, clip: Clip) -> None:
        recording = Recording(clip=clip, layout=self._motions[output].layout)
        for name in self._wanted.motion_formats:
            self._wanted.motion.write(self._motion_path(name, stem, output), recording, name=stem)

    def _draw_beats(self, clips: Sequence[Mapping[str, Clip]]) -> None:
        heard = self._song.beats
        assert heard is not None, "checked before"
        seconds = max(clip.seconds for clip in clips[0].values())
        sound, length = self._song.sound, round(seconds * AUDIO_RATE)
        levels = None if sound is None else loudness(soundtrack(sound, length), length)
        for stem, dancer in zip(self._stems, clips, strict=True):
            dips = {output: hip_dips(clip) for output, clip in dancer.items()}
            picture = BeatPicture(
                title=stem,
                seconds=seconds,
                loudness=levels,
                beats=heard.times,
                sure=heard.sure,
                tempi=heard.tempi,
                dips=dips,
            )
            picture.write(self._picture_path(stem))

    def _write_features(self, drawn: Mapping[str, np.ndarray]) -> None:
        for output, sidecar in self._sidecars.items():
            if sidecar is not None:
                write_json(self._sidecar_path(output), sidecar)
            for stem, rows in zip(self._stems, drawn[output], strict=True):
                write_array(self._features_path(stem, output), rows)

    def _clips(self, drawn: Mapping[str, np.ndarray], dancer: int) -> dict[str, Clip]:
        if not self._motions:
            return {}
        rows = {output: found[dancer] for output, found in drawn.items()}
        decode = locked_outputs if self._wanted.foot_lock else decode_outputs
        clips = decode(self._loaded, rows, self._song.partner)
        return {output: self._wanted.motion.put(clip) for output, clip in clips.items()}

    def _paths(self) -> Iterator[Path]:
        """Every file, in the order of their writing."""
        if self._wanted.features:
            yield from (self._sidecar_path(output) for output, sidecar in self._sidecars.items() if sidecar)
            yield from (self._features_path(stem, output) for stem in self._stems for output in self._sidecars)
        for name in self._wanted.motion_formats:
            yield from (self._motion_path(name, stem, output) for stem in self._stems for output in self._motions)
        if self._wanted.page:
            yield self._page_path()
        if self._wanted.beat_picture:
            yield from (self._picture_path(stem) for stem in self._stems)
        yield from (path for path, _ in self._videos())

    def _videos(self) -> Iterator[tuple[Path, Sequence[int]]]:
        """Each video and its dancers."""
        if self._wanted.video:
            yield from ((self._folder / f"{stem}.mp4", [dancer]) for dancer, stem in enumerate(self._stems))
        if self._wanted.together and (len(self._stems) > 1 or not self._wanted.video):
            yield self._folder / f"{self._song.name}.mp4", range(len(self._stems))

    def _features_path(self, stem: str, output: str) -> Path:
        return self._folder / f"{stem}.{check_name(output, what='output')}.npy"

    def _sidecar_path(self, output: str) -> Path:
        return self._folder / f"{check_name(output, what='output')}.json"

    def _motion_path(self, name: str, stem: str, output: str) -> Path:
        return self._folder / f"{self._name(stem, output)}{self._wanted.motion.formats[name]}"

    def _name(self, stem: str, output: str) -> str:
        return stem if len(self._motions) == 1 else f"{stem}.{output}"

    def _page_path(self) -> Path:
        return self._folder / f"{self._song.name}.{PAGE}"

    def _picture_path(self, stem: str) -> Path:
        return self._folder / f"{stem}.beats.png"

    def _check_free(self) -> None:
        """Refuse to replace a file; a sidecar that says the same may stay, and what was left unfinished may go."""
        known = {self._sidecar_path(output): sidecar for output, sidecar in self._sidecars.items()}
        same = {path for path, sidecar in known.items() if is_there(path) and read_json(path) == sidecar}
        check_free(self._folder, self._song.name, (path for path in self._paths() if path not in same))
