"""A model that copies what it reads, and a folder with a trained model, its data and a song."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tests.models.factories import tiny_config
from tests.motion.factories import make_clip
from tests.nn.factories import disturbed
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.spans import Span, StreamSpec
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import MotionSidecar, sidecar_from_dict, write_sidecar
from transflower.formats.bvh import BvhLayout, write_bvh
from transflower.models import InputConfig, LoadedModel, Model, ModelConfig, OutputConfig, load_model, save_model
from transflower.models.encoders import Encoder, EncoderConfig
from transflower.models.encoders.stream import BufferedStream
from transflower.models.heads import Head, HeadConfig
from transflower.nn.noise import Noise

FPS = 20.0
SETTINGS = AudioSettings(fps=FPS, sample_rate=8000, mels=4, n_fft=512)
AUDIO_DIM = len(audio_features.names(SETTINGS))


@dataclass(frozen=True, kw_only=True)
class CopyConfig(EncoderConfig):
    """Context: one row of each input's span, side by side, and how many positions went before."""

    rows: Mapping[str, int]
    history: int = 0

    def build(
        self, *, streams: Mapping[str, StreamSpec], spans: Mapping[str, Span], outputs: Mapping[str, int]
    ) -> "CopyEncoder":
        return CopyEncoder(self, streams, spans, outputs)


class CopyEncoder(Encoder):
    def __init__(
        self,
        config: CopyConfig,
        streams: Mapping[str, StreamSpec],
        spans: Mapping[str, Span],
        outputs: Mapping[str, int],
    ) -> None:
        super().__init__(streams, spans)
        self.config = config
        self.history = config.history
        width = sum(streams[name].dim for name in config.rows)
        self.context_shapes = dict.fromkeys(outputs, (1, width + 1))
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        raise AssertionError("only streams are copied")

    def stream(self, batch_size: int, *, lookahead: int | None = None) -> "CopyStream":
        return CopyStream(self, batch_size)


class CopyStream(BufferedStream):
    def __init__(self, encoder: CopyEncoder, batch_size: int) -> None:
        super().__init__(encoder.streams, encoder.spans, batch_size)
        self.encoder = encoder
        self.batch_size = batch_size

    def _encode(self) -> dict[str, Tensor]:
        picked = [self._buffers.window(name)[:, row] for name, row in self.encoder.config.rows.items()]
        count = torch.full((self.batch_size, 1), float(self._buffers.position))
        context = torch.cat([*picked, count], dim=1)[:, None, None]
        return dict.fromkeys(self.encoder.context_shapes, context)


@dataclass(frozen=True, kw_only=True)
class CopyHeadConfig(HeadConfig):
    """The first frame is these columns of the context; those after it are one more each, or not to be used."""

    columns: tuple[int, ...] = (0,)
    is_ramp: bool = False
    is_change: bool = False
    noise: float = 0.0

    def build(self, *, target: StreamSpec, length: int, **_: object) -> "CopyHead":
        return CopyHead(self, length)


class CopyHead(Head):
    has_density = False

    def __init__(self, config: CopyHeadConfig, length: int) -> None:
        super().__init__()
        self.config = config
        self.length = length

    def loss(self, target, context, previous, *, noise: Noise):
        raise AssertionError("nothing is learnt")

    def sample(self, context, previous, state=None, *, noise: Noise, temperature: float = 1.0, **_: object):
        frame = context[:, :, 0, list(self.config.columns)]
        if self.config.is_change:
            frame = frame + previous
        if self.config.noise:
            frame = frame + temperature * self.config.noise * noise.normal(frame.shape, like=frame)
        frames = torch.full((*frame.shape[:2], self.length, frame.shape[2]), 1e6)
        frames[:, :, 0] = frame
        if self.config.is_ramp:
            frames = frame[:, :, None] + torch.arange(float(self.length))[:, None]
        return frames, state


def copy_model(
    inputs: Mapping[str, InputConfig],
    outputs: Mapping[str, OutputConfig],
    *,
    rows: Mapping[str, int],
    dims: Mapping[str, int] | None = None,
    num_classes: int = 0,
    history: int = 0,
    normalize: str = "none",
    mean: float = 0.0,
    **head,
) -> Model:
    """A model of features of one column (or ``dims``) that are not standardised."""
    config = ModelConfig(
        inputs=dict(inputs),
        outputs=dict(outputs),
        encoder=CopyConfig(rows=rows, history=history),
        head=CopyHeadConfig(**head),
        normalize=normalize,
        clamp=float("inf"),
    )
    names = [*inputs, *(name for name in outputs if name not in inputs)]
    streams, moments = {}, {}
    for name in names:
        dim = (dims or {}).get(name, 1)
        window = inputs.get(name, InputConfig())
        streams[name] = StreamSpec(
            dim=dim,
            kind=window.kind,
            num_classes=num_classes if window.kind == "categorical" else 0,
            fps=FPS,
        )
        moments[name] = np.full(dim, mean), np.ones(dim)
    model = Model(config, streams, moments)
    model.is_initialised.fill_(True)
    return model.eval()


def make_sidecars(skeleton_seed: int = 0) -> dict[str, dict]:
    """Of motion at 20 fps, and of sound at the same rate in 6 columns."""
    motion = describe_motion(make_clip(60, fps=FPS, seed=skeleton_seed), "expmap", layout=BvhLayout(up="y"))
    return {"motion": motion.to_dict(), "audio": audio_features.sidecar(SETTINGS)}


def motion_sidecar_of(sidecars: Mapping[str, dict]) -> MotionSidecar:
    sidecar = sidecar_from_dict(sidecars["motion"], "features.json")
    assert isinstance(sidecar, MotionSidecar)
    return sidecar


def make_features(sidecars: Mapping[str, dict], *, num_frames: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    clip = make_clip(num_frames, fps=FPS, seed=seed)
    return {
        "motion": encode_motion(clip, motion_sidecar_of(sidecars)),
        "audio": audio_features.extract(make_song(num_frames / FPS, seed=seed), SETTINGS),
    }


def make_song(seconds: float = 1.5, *, seed: int = 0, sample_rate: int = 16000) -> Audio:
    """Noise whose loudness swells."""
    noise = np.random.default_rng(seed).standard_normal((round(seconds * sample_rate), 1))
    swell = 0.1 + 0.1 * np.sin(np.arange(len(noise)) / sample_rate * 12)[:, None]
    return Audio((swell * noise).astype(np.float32).clip(-1, 1), sample_rate)


def train(sidecars: Mapping[str, dict], kind: str = "windowed", *, seed: int = 0) -> Model:
    """A real model that has seen some motion and music, and has learnt next to nothing."""
    torch.manual_seed(seed)
    features = make_features(sidecars)
    streams = {name: StreamSpec(dim=rows.shape[1], fps=FPS) for name, rows in features.items()}
    moments = {name: (rows.mean(0), rows.std(0)) for name, rows in features.items()}
    config = tiny_config(kind)
    model = Model(config, streams, moments)
    batch = {
        side: {name: torch.from_numpy(windows(features[name], span)) for name, span in spans.items()}
        for side, spans in (("inputs", config.spans), ("targets", config.target_spans))
    }
    model.initialise(batch)
    return disturbed(model, seed=seed, scale=0.05)


def windows(rows: np.ndarray, span: Span) -> np.ndarray:
    """What positions 10 to 41 see."""
    return np.stack([rows[position + span.start : position + span.stop] for position in range(10, 42)])


def save_run(folder: Path, kind: str = "windowed", sidecars: Mapping[str, dict | None] | None = None) -> LoadedModel:
    """The folder of a trained model."""
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, train(make_sidecars(), kind), sidecars=make_sidecars() if sidecars is None else sidecars)
    return load_model(folder)


def save_data(folder: Path, ids: tuple[str, ...] = ("one", "two"), *, num_frames: int = 24) -> Path:
    """A folder of features that fit."""
    folder.mkdir(parents=True, exist_ok=True)
    sidecars = make_sidecars()
    for number, sequence_id in enumerate(ids):
        for name, rows in make_features(sidecars, num_frames=num_frames, seed=number).items():
            np.save(folder / f"{sequence_id}.{name}.npy", rows)
    for name, tree in sidecars.items():
        write_sidecar(folder / f"{name}.json", sidecar_from_dict(tree, name))
    return folder


def save_song(path: Path, seconds: float = 1.23) -> Path:
    write_wav(path, make_song(seconds))
    return path


def save_bvh(path: Path, num_frames: int = 90, *, fps: float = 30.0, **options) -> Path:
    write_bvh(path, make_clip(num_frames, fps=fps, **options))
    return path
