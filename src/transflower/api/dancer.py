"""A model that dances."""

from dataclasses import dataclass
from pathlib import Path

from transflower.api.dance import Dance
from transflower.api.hub import download, is_repository, upload
from transflower.core.errors import ModelError, OptionsError
from transflower.generation import BeatOptions, SamplingOptions, generate, motion_sidecars, open_prompt, open_song
from transflower.models import LoadedModel, load_model
from transflower.models.pretrained import PRETRAINED


def load(source: Path | str | None = None) -> "Dancer":
    """The model of a folder, of the best step of a run, or of a repository on the Hugging Face Hub.

    Args:
        source: the folder, ``salsa`` of the package, or ``user/name`` of a repository where there is no such folder; by
            default the pretrained model.

    Raises:
        TransflowerError: there is no model, or it cannot be read.
    """
    if source is None:
        return Dancer(load_model(PRETRAINED))
    if isinstance(source, str) and is_repository(source):
        return Dancer.from_pretrained(source)
    return Dancer(load_model(source))


@dataclass(frozen=True, eq=False, repr=False)
class Dancer:
    """A trained model and what its features mean."""

    loaded: LoadedModel

    @classmethod
    def from_pretrained(cls, repository: str, *, revision: str | None = None) -> "Dancer":
        """The model of a repository on the Hugging Face Hub; nothing in it is executed or unpickled.

        Args:
            repository: ``user/name``.
            revision: a branch, tag or commit.

        Raises:
            ModelError: the extra ``hub`` is missing, or there is no such repository.
            FormatError: it holds no model of ours.
        """
        return cls(load_model(download(repository, revision=revision)))

    def __repr__(self) -> str:
        return f"Dancer({str(self.loaded.folder)!r}, draws {' and '.join(self.outputs)})"

    @property
    def outputs(self) -> list[str]:
        """What the model draws, by name."""
        return list(self.loaded.model.config.outputs)

    def dance(
        self,
        song: Path | str,
        *,
        seed: int = 0,
        seconds: float | None = None,
        temperature: float = 1.0,
        lookahead: int | None = None,
        prompt: Path | str | None = None,
        beats: BeatOptions = BeatOptions(),  # noqa: B008  # It is frozen.
        style: str | None = None,
        partner: Path | str | None = None,
    ) -> Dance:
        """One dance to a song.

        Args:
            song: a sound file, or features of one (``.npy``).
            seed: the same seed gives the same dance.
            seconds: length of the dance; by default that of the song.
            temperature: 1 draws from the model's distribution, less is calmer.
            lookahead: future frames of the song that each frame sees; by default as many as in training.
            prompt: a file of motion that the dance goes on from.
            beats: what is known of the song's beats.
            style: of a model that has learnt several, such as ``salsa``, or ``0:groove,20:salsa``; by default any.
            partner: a file of the motion of somebody to dance with, for a model that has learnt to.

        Raises:
            TransflowerError: the song cannot be read, or an option is out of range.
        """
        (dance,) = self.dances(
            song,
            1,
            seed=seed,
            seconds=seconds,
            temperature=temperature,
            lookahead=lookahead,
            prompt=prompt,
            beats=beats,
            style=style,
            partner=partner,
        )
        return dance

    def dances(
        self,
        song: Path | str,
        num_samples: int,
        *,
        seed: int = 0,
        seconds: float | None = None,
        temperature: float = 1.0,
        lookahead: int | None = None,
        prompt: Path | str | None = None,
        beats: BeatOptions = BeatOptions(),  # noqa: B008  # It is frozen.
        style: str | None = None,
        partner: Path | str | None = None,
    ) -> list[Dance]:
        """Several dances to a song, drawn at once: the first is that of ``dance``. Arguments are as there.

        Raises:
            TransflowerError: the song cannot be read, or an option is out of range.
        """
        if num_samples < 1:
            raise OptionsError(f"num_samples must be at least 1, got {num_samples}")
        if not motion_sidecars(self.loaded):
            raise ModelError(f"{self.loaded.folder} does not say which motion its outputs are, so it cannot dance")
        heard = open_song(
            self.loaded,
            str(song),
            seconds=seconds,
            beats=beats,
            labels={} if style is None else {"style": style},
            partner=None if partner is None else Path(partner),
        )
        before = {} if prompt is None else open_prompt(self.loaded, str(prompt))
        options = SamplingOptions(seed=seed, temperature=temperature, lookahead=lookahead)
        drawn = generate(
            self.loaded,
            heard.inputs,
            num_frames=heard.frames,
            prompt=before,
            num_samples=num_samples,
            options=options,
            label=heard.name,
        )
        names = [heard.name] if num_samples == 1 else [f"{heard.name}_{index}" for index in range(num_samples)]
        return [
            Dance(
                name=name,
                song=heard,
                features={output: rows[index] for output, rows in drawn.items()},
                prompt=before,
                loaded=self.loaded,
            )
            for index, name in enumerate(names)
        ]

    def push_to_hub(self, repository: str, *, private: bool = False, message: str = "Upload model") -> str:
        """Put the model into a repository on the Hugging Face Hub, which is made if need be.

        The token of ``hf auth login`` or of the variable ``HF_TOKEN`` is used.

        Args:
            repository: ``user/name``.
            private: whether only its owner sees a new one.
            message: of the commit.

        Returns:
            The address of the commit.

        Raises:
            ModelError: the extra ``hub`` is missing, or the hub refuses.
        """
        return upload(self.loaded, repository, private=private, message=message)
