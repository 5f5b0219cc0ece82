"""Live generation: sound or features go in as they arrive, frames come out as soon as they can be drawn.

Shape letters: B rows of a batch, n frames, D columns on disk, N samples, C channels.
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
from transflower.features.motion.stream import MotionStream
from transflower.generation.conditions import fit_prompt, fit_rows, motion_sidecars, silence_rows
from transflower.generation.derived import contacts_of
from transflower.generation.engine import Engine, check_temperature
from transflower.generation.hearing import HearingStream, hearing_streams
from transflower.generation.known import known_frames
from transflower.generation.live_labels import LiveLabels
from transflower.generation.options import SamplingOptions
from transflower.models import LoadedModel
from transflower.models.sequence_model import SequenceModel
from transflower.motion.clip import Clip
from transflower.nn.state import prefixed, under


class Session:
    """Generation for hours: each frame costs the same time, and memory does not grow.

    It draws the frames of ``generate`` with the same conditions and options, however these are cut into pieces.
    """

    def __init__(
        self,
        model: LoadedModel | SequenceModel,
        *,
        batch_size: int = 1,
        options: SamplingOptions = SamplingOptions(),  # noqa: B008  # It is frozen.
        prompt: Mapping[str, np.ndarray] | None = None,
        fill: Mapping[str, np.ndarray] | None = None,
        foot_lock: bool = True,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Begin.

        Args:
            model: what draws. Only one that was loaded knows how features are made of sound, and motion of features.
            batch_size: B, samples given the same conditions, none of which depends on the others.
            options: how frames are drawn. A ``lookahead`` of 0 reacts at once; the default is best.
            prompt: output -> ``[S, D]``, the frames before frame 0.
            fill: modality -> row ``[D]`` before the first frame and after the end; by default silence and the mean
                pose.
            foot_lock: keep standing feet from sliding in clips, which come out 0.1 seconds later for that; features
                stay as they were drawn.
            labels: condition -> a style or another label that the model has learnt; ``set_label`` changes them. Only
                a model that was loaded knows what its labels mean.

        Raises:
            ModelError: a prompt that does not fit the model, a lookahead that it was not built for, or a missing label.
            OptionsError: a number that is out of range, or a label that the model is not given.
            DataError: a label that the model has not learnt.
        """
        self._loaded = model if isinstance(model, LoadedModel) else None
        self._model = (model.model if isinstance(model, LoadedModel) else model).eval()
        silence = silence_rows(self._loaded.sidecars) if self._loaded else {}
        fill = {**silence, **(fill or {})}
        if batch_size < 1:
            raise OptionsError(f"at least 1 sample can be drawn, got {batch_size}")
        known = known_frames(self._model, fit_prompt(self._model, prompt or {}), fill)
        self._engine = Engine(self._model, known.repeated(batch_size), options=options, fill=fill)
        lookahead = self._model.encoder.lookahead if options.lookahead is None else options.lookahead
        self._fixed = [lookahead, options.use_frames, int(foot_lock)]
        """Options that a saved state depends on."""
        self._sample_rate: int | None = None
        self._audio_streams: dict[str, HearingStream] = {}
        self._drawn: dict[str, list[Tensor]] = {name: [] for name in self._model.config.outputs}
        """Frames that were drawn ahead of those of other outputs."""
        self._num_pulled = 0
        sidecars = motion_sidecars(self._loaded) if self._loaded else {}
        contacts = contacts_of(self._loaded) if self._loaded else {}
        self._contacts = {motion: name for motion, (name, _) in contacts.items()}
        """Output that is motion -> the output that tells which of its feet stand."""
        self._motion_streams = {
            name: [
                MotionStream(side, foot_lock=foot_lock, contacts=contacts[name][1] if name in contacts else None)
                for _ in range(batch_size)
            ]
            for name, side in sidecars.items()
            if side.root_frame == "own"
        }
        found = LiveLabels(self._loaded, labels or {}) if self._loaded else None
        self._labels = found if found and found.names else None
        for name, rows in self._labels.first() if self._labels else ():
            self._engine.push(name, rows)

    @property
    def frame(self) -> int:
        """Number of the frame that is pulled next; it shows the moment ``frame / fps``."""
        return self._num_pulled

    @property
    def temperature(self) -> float:
        """Of the frames to come; may be changed at any time."""
        return self._engine.temperature

    @temperature.setter
    def temperature(self, temperature: float) -> None:
        self._engine.temperature = check_temperature(temperature)

    def push(self, name: str, rows: np.ndarray) -> None:
        """Take the next frames ``[n, D]`` of a modality that is given; one without time whole, and again to change it.

        Raises:
            ModelError: rows that do not fit, or inputs that have ended.
        """
        if name not in self._model.conditions:
            raise ModelError(f"the model is not given {name!r}, but {', '.join(self._model.conditions) or 'nothing'}")
        if not len(rows):
            return
        self._engine.push(name, fit_rows(self._model, name, rows))
        if self._labels and name not in self._labels.names:
            for label, more in self._labels.follow(name, len(rows)):
                self._engine.push(label, more)

    def set_label(self, name: str, text: str) -> None:
        """Give a style or another label to the frames that are pushed from now on.

        Raises:
            OptionsError: the model is not given it.
            DataError: a label that it has not learnt.
        """
        if self._labels is None:
            raise OptionsError(f"the model is given no {name}, and no other label")
        if (rows := self._labels.set(name, text)) is not None:
            self._engine.push(name, rows)

    def push_sound(self, sound: Audio) -> None:
        """Take the next piece of sound, of any length; all pieces have the sample rate of the first.

        Raises:
            ModelError: the model does not know how features are made of sound, or the inputs have ended.
            OptionsError: another sample rate.
        """
        self._listen_at(sound.sample_rate)
        for name, stream in self._audio_streams.items():
            self.push(name, stream.push(sound.samples))

    def end(self) -> None:
        """Nothing more is pushed: silence follows, and the frames that waited for their lookahead can be drawn."""
        for name, stream in self._audio_streams.items():
            self.push(name, stream.finish())
        self._engine.end()

    def pull(self, most: int | None = None) -> dict[str, Shaped[np.ndarray, "B n D"]]:
        """Draw the frames that can be drawn now, as features as on disk; often there are none.

        Args:
            most: draw no more than so many. Without it all those whose conditions have been pushed; after the end,
                any number of frames can be drawn to silence.

        Raises:
            ModelError: a drawn frame is not finite.
            OptionsError: ``most`` is negative, or needed because nothing that is given has time.
        """
        if most is not None and most < 0:
            raise OptionsError(f"a number of frames to pull is at least 0, got {most}")
        while self._wants_more(most) and self._engine.is_ready:
            for name, frames in self._engine.step().items():
                self._drawn[name] += frames.unbind(1)
        count = min(self._num_drawn, self._num_drawn if most is None else most)
        pulled = {name: self._stacked(name, rows[:count]).cpu().numpy() for name, rows in self._drawn.items()}
        self._drawn = {name: rows[count:] for name, rows in self._drawn.items()}
        self._num_pulled += count
        return pulled

    def pull_clips(self, most: int | None = None) -> dict[str, list[Clip]]:
        """The same as motion: a clip of each row for each output that is motion; nothing where no frame comes out.

        Each clip goes on where the last one of the row ended, so pull either features or clips from a session. The
        foot lock holds the latest frames back, until the last one before the end has been drawn.

        Raises:
            ModelError: the model does not know which motion its features are.
        """
        if not self._motion_streams:
            raise ModelError("this model does not say by itself which motion its features are; pull features instead")
        pulled = self.pull(most)
        is_last = self._engine.has_ended and self._num_pulled >= (self._engine.num_pushed or 0)
        clips: dict[str, list[Clip | None]] = {name: [] for name in self._motion_streams}
        for name, streams in self._motion_streams.items():
            contacts = pulled[self._contacts[name]] if name in self._contacts else [None] * len(streams)
            for stream, rows, told in zip(streams, pulled[name], contacts, strict=True):
                clips[name].append(stream.push(rows, told, is_last=is_last))
        out = {name: [clip for clip in rows if clip is not None] for name, rows in clips.items()}
        return out if all(out.values()) else {}

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("engine.", self._engine.state_dict())
        state |= {f"drawn.{name}": self._stacked(name, rows) for name, rows in self._drawn.items()}
        state["num_pulled"] = torch.tensor(self._num_pulled)
        state["options"] = torch.tensor(self._fixed)
        if self._sample_rate is not None:
            state["sample_rate"] = torch.tensor(self._sample_rate)
        if self._labels is not None:
            state |= prefixed("labels.", self._labels.state_dict())
        for name, stream in self._audio_streams.items():
            state |= _as_tensors(f"audio.{name}.", stream.state_dict())
        for name, streams in self._motion_streams.items():
            for row, motion in enumerate(streams):
                state |= _as_tensors(f"motion.{name}.{row}.", motion.state_dict())
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue where ``state`` was taken, by a session of the same model, batch size and options.

        The frames are the same to the bit; of sound, whose features are computed anew, up to rounding.

        Raises:
            ModelError: the state is of another kind of session.
        """
        state = dict(state)
        if any(name.startswith("stage.") for name in state):
            raise ModelError("this state was saved by transflower 0.1.0, which alone can go on from it; begin anew")
        try:
            if state["options"].tolist() != self._fixed:
                raise ModelError("this state is of another kind of session: lookahead, use_frames or foot_lock differ")
            self._engine.load_state_dict(under("engine.", state))
            self._drawn = {name: list(state[f"drawn.{name}"].to(self._device).unbind(1)) for name in self._drawn}
            self._num_pulled = int(state["num_pulled"])
            if self._labels is not None:
                self._labels.load_state_dict(under("labels.", state))
            self._sample_rate, self._audio_streams = None, {}
            if "sample_rate" in state:
                self._listen_at(int(state["sample_rate"]))
            for name, stream in self._audio_streams.items():
                stream.load_state_dict(_as_arrays(f"audio.{name}.", state))
            for name, streams in self._motion_streams.items():
                for row, motion in enumerate(streams):
                    motion.load_state_dict(_as_arrays(f"motion.{name}.{row}.", state))
        except KeyError as error:
            raise ModelError(f"this state is of another kind of session: it has no {error}") from error

    def save(self, path: Path | str) -> None:
        """Write everything remembered into a safetensors file, at any moment."""
        tensors = {name: value.detach().cpu().contiguous() for name, value in self.state_dict().items()}
        with atomic_path(path) as temporary:
            temporary.write_bytes(save(tensors))

    def load(self, path: Path | str) -> None:
        """Continue what ``save`` wrote.

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
        return self._model.device

    @property
    def _num_drawn(self) -> int:
        """Frames of which every output is drawn."""
        return min(len(rows) for rows in self._drawn.values())

    def _wants_more(self, most: int | None) -> bool:
        if most is not None:
            return self._num_drawn < most
        known = self._engine.num_pushed
        if known is None:
            raise OptionsError("nothing that the model is given has time; say how many frames to pull")
        return self._num_pulled + self._num_drawn < known

    def _stacked(self, name: str, rows: list[Tensor]) -> Shaped[Tensor, "B n D"]:
        if not rows:
            stream = self._model.streams[name]
            dtype = torch.int64 if stream.kind == "categorical" else torch.float32
            return torch.zeros(self._engine.batch_size, 0, stream.dim, dtype=dtype, device=self._device)
        return torch.stack(rows, dim=1)

    def _listen_at(self, sample_rate: int) -> None:
        if self._sample_rate not in (None, sample_rate):
            raise OptionsError(f"sound of {sample_rate} Hz cannot follow sound of {self._sample_rate} Hz")
        if self._audio_streams:
            return
        streams = hearing_streams(self._loaded, self._model.conditions, sample_rate) if self._loaded else {}
        if not streams:
            raise ModelError("this model does not say how its features are made of sound; push features instead")
        self._sample_rate, self._audio_streams = sample_rate, streams


def _as_tensors(prefix: str, state: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    return {prefix + name: torch.tensor(value) for name, value in state.items()}


def _as_arrays(prefix: str, state: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: value.cpu().numpy() for name, value in under(prefix, dict(state)).items()}
