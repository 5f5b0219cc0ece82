"""A live dance: sound or features go in as they arrive, frames come out as soon as they can be drawn.

Shape letters: B dancers, n frames, D columns on disk, N samples, C channels.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Shaped
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from transflower.audio.audio import Audio
from transflower.core.errors import FormatError, ModelError, OptionsError
from transflower.core.files import atomic_path
from transflower.features.audio import AudioFeatureStream
from transflower.features.motion.stream import MotionStream
from transflower.generation.fitting import conditions, fit_rows
from transflower.generation.modalities import audio_settings, motion_sidecars, silence_rows
from transflower.generation.stage import Stage, check_temperature
from transflower.models import LoadedModel, Model
from transflower.motion.clip import Clip
from transflower.nn.state import prefixed, under


class Session:
    """Dancers on stage, for hours: a frame costs the same time, and memory does not grow.

    They are the frames that ``rollout`` draws for the same music, seed and reach, however the music is cut into pieces.
    """

    def __init__(
        self,
        model: LoadedModel | Model,
        *,
        dancers: int = 1,
        seed: int = 0,
        temperature: float = 1.0,
        reach: int | None = None,
        seeds: Mapping[str, np.ndarray] | None = None,
        fill: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Go on stage.

        Args:
            model: what dances. Only one that was loaded knows how features are made of sound, and motion of features.
            dancers: B, who dance to the same music, and not with each other.
            seed: of all randomness.
            temperature: 1 draws from the model's distribution, less is calmer, 0 gives the most central frames.
            reach: frames of music after a frame that it waits for and sees; 0 reacts at once, and by default it is all
                that the model was trained for, which is best.
            seeds: output -> ``[S, D]``, what was danced before frame 0.
            fill: modality -> row ``[D]`` before the first frame and after the end; by default silence and the mean
                pose.

        Raises:
            ModelError: seeds that do not fit the model, or a reach that it was not built for.
            OptionsError: a number that is out of range.
        """
        self._loaded = model if isinstance(model, LoadedModel) else None
        self._model = (model.model if isinstance(model, LoadedModel) else model).eval()
        silence = silence_rows(self._loaded.sidecars) if self._loaded else {}
        self._stage = Stage(
            self._model,
            dancers=dancers,
            seed=seed,
            temperature=temperature,
            reach=reach,
            seeds=seeds,
            fill={**silence, **(fill or {})},
        )
        self._sample_rate: int | None = None
        self._ears: dict[str, AudioFeatureStream] = {}
        self._drawn: dict[str, list[Tensor]] = {name: [] for name in self._model.config.outputs}
        """Frames that were drawn ahead of those of other outputs."""
        self._num_pulled = 0
        sidecars = motion_sidecars(self._loaded) if self._loaded else {}
        self._bodies = {name: [MotionStream(side) for _ in range(dancers)] for name, side in sidecars.items()}

    @property
    def frame(self) -> int:
        """Number of the frame that is pulled next; it shows the moment ``frame / fps``."""
        return self._num_pulled

    @property
    def temperature(self) -> float:
        """Of the frames to come; may be changed while they dance."""
        return self._stage.temperature

    @temperature.setter
    def temperature(self, temperature: float) -> None:
        self._stage.temperature = check_temperature(temperature)

    def push(self, name: str, rows: np.ndarray) -> None:
        """Take the next frames ``[n, D]`` of a modality that is given; one without time whole, and again to change it.

        Raises:
            ModelError: rows that do not fit, or a song that has ended.
        """
        if name not in conditions(self._model):
            raise ModelError(f"the model is not given {name!r}, but {', '.join(conditions(self._model)) or 'nothing'}")
        if len(rows):
            self._stage.give(name, fit_rows(self._model, name, rows))

    def push_sound(self, sound: Audio) -> None:
        """Take the next piece of sound, of any length; all pieces have the sample rate of the first.

        Raises:
            ModelError: the model does not know how features are made of sound, or the song has ended.
            OptionsError: another sample rate.
        """
        self._listen_at(sound.sample_rate)
        for name, ear in self._ears.items():
            self.push(name, ear.push(sound.samples))

    def end(self) -> None:
        """The song is over: silence follows, and the frames that still waited for music can be drawn."""
        for name, ear in self._ears.items():
            self.push(name, ear.finish())
        self._stage.end()

    def pull(self, most: int | None = None) -> dict[str, Shaped[np.ndarray, "B n D"]]:
        """Draw the frames that can be drawn now, as features as on disk; often there are none.

        Args:
            most: draw no more than so many. Without it all those of music that has been pushed; after the end, one can
                ask for any number of frames that are danced to silence.

        Raises:
            ModelError: a drawn frame is not finite.
            OptionsError: ``most`` is needed, because nothing that is given has time.
        """
        while self._wants_more(most) and self._stage.is_ready:
            for name, row in self._stage.advance().items():
                self._drawn[name].append(row)
        count = min(self._num_drawn, self._num_drawn if most is None else most)
        pulled = {name: self._stacked(name, rows[:count]).cpu().numpy() for name, rows in self._drawn.items()}
        self._drawn = {name: rows[count:] for name, rows in self._drawn.items()}
        self._num_pulled += count
        return pulled

    def pull_clips(self, most: int | None = None) -> dict[str, list[Clip]]:
        """The same as motion: a clip of each dancer for each output that is motion; nothing where no frame was drawn.

        Each clip goes on where the last one of the dancer ended, so pull either features or clips from a session.

        Raises:
            ModelError: the model does not know which motion its features are.
        """
        if not self._bodies:
            raise ModelError("this model does not say which motion its features are; pull features instead")
        pulled = self.pull(most)
        if not next(iter(pulled.values())).shape[1]:
            return {}
        return {
            name: [body.push(rows) for body, rows in zip(bodies, pulled[name], strict=True)]
            for name, bodies in self._bodies.items()
        }

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("stage.", self._stage.state_dict())
        state |= {f"drawn.{name}": self._stacked(name, rows) for name, rows in self._drawn.items()}
        state["num_pulled"] = torch.tensor(self._num_pulled)
        if self._sample_rate is not None:
            state["sample_rate"] = torch.tensor(self._sample_rate)
        for name, ear in self._ears.items():
            state |= _as_tensors(f"ear.{name}.", ear.state_dict())
        for name, bodies in self._bodies.items():
            for dancer, body in enumerate(bodies):
                state |= _as_tensors(f"body.{name}.{dancer}.", body.state_dict())
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue where ``state`` was taken, by a session of the same model, number of dancers and reach.

        Exactly there, to the bit; a dance to sound, whose features are computed anew, up to rounding.

        Raises:
            ModelError: the state is of another kind of session.
        """
        state = dict(state)
        try:
            self._stage.load_state_dict(under("stage.", state))
            self._drawn = {name: list(state[f"drawn.{name}"].to(self._device).unbind(1)) for name in self._drawn}
            self._num_pulled = int(state["num_pulled"])
            self._sample_rate, self._ears = None, {}
            if "sample_rate" in state:
                self._listen_at(int(state["sample_rate"]))
            for name, ear in self._ears.items():
                ear.load_state_dict(_as_arrays(f"ear.{name}.", state))
            for name, bodies in self._bodies.items():
                for dancer, body in enumerate(bodies):
                    body.load_state_dict(_as_arrays(f"body.{name}.{dancer}.", state))
        except KeyError as error:
            raise ModelError(f"this state is of another kind of session: it has no {error}") from error

    def save(self, path: Path | str) -> None:
        """Write everything remembered into a safetensors file, in the middle of the dance."""
        tensors = {name: value.detach().cpu().contiguous() for name, value in self.state_dict().items()}
        with atomic_path(path) as temporary:
            temporary.write_bytes(save(tensors))

    def load(self, path: Path | str) -> None:
        """Continue the dance that ``save`` wrote.

        Raises:
            FormatError: no such file, or not one of ours.
            ModelError: it is of another kind of session.
        """
        try:
            state = load_file(path)
        except (SafetensorError, OSError) as error:
            raise FormatError(path, f"is not a safetensors file ({error})") from error
        self.load_state_dict({name: value.to(self._device) for name, value in state.items()})

    @property
    def _device(self) -> torch.device:
        return next(self._model.parameters()).device

    @property
    def _num_drawn(self) -> int:
        """Frames of which every output is drawn."""
        return min(len(rows) for rows in self._drawn.values())

    def _wants_more(self, most: int | None) -> bool:
        if most is not None:
            return self._num_drawn < most
        known = self._stage.num_given
        if known is None:
            raise OptionsError("nothing that the model is given has time; say how many frames to pull")
        return self._num_pulled + self._num_drawn < known

    def _stacked(self, name: str, rows: list[Tensor]) -> Shaped[Tensor, "B n D"]:
        if not rows:
            stream = self._model.streams[name]
            dtype = torch.int64 if stream.kind == "categorical" else torch.float32
            return torch.zeros(self._stage.dancers, 0, stream.dim, dtype=dtype, device=self._device)
        return torch.stack(rows, dim=1)

    def _listen_at(self, sample_rate: int) -> None:
        if self._sample_rate not in (None, sample_rate):
            raise OptionsError(f"sound of {sample_rate} Hz cannot follow sound of {self._sample_rate} Hz")
        if self._ears:
            return
        settings = audio_settings(self._loaded, conditions(self._model)) if self._loaded else {}
        if not settings:
            raise ModelError("this model does not say how its features are made of sound; push features instead")
        self._sample_rate = sample_rate
        self._ears = {name: AudioFeatureStream(sample_rate, found) for name, found in settings.items()}


def _as_tensors(prefix: str, state: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    return {prefix + name: torch.tensor(value) for name, value in state.items()}


def _as_arrays(prefix: str, state: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: value.cpu().numpy() for name, value in under(prefix, dict(state)).items()}
