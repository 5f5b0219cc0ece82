"""The dancer of a video moves when the music is heard."""

from dataclasses import replace

import av
import numpy as np

from tests.cli.generating import generate
from tests.generation.factories import copy_model, make_sidecars, motion_sidecar_of
from transflower import models
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.features import audio as audio_features
from transflower.features.audio import AudioSettings
from transflower.models import InputConfig, OutputConfig

CLICKS = (0.3, 0.74, 1.1)


RATE = 50.0


def clicks(seconds: float = 1.4, sample_rate: int = 44100) -> Audio:
    """A little hiss, and short loud clicks."""
    samples = 1e-4 * np.random.default_rng(0).standard_normal((round(seconds * sample_rate), 1))
    for moment in CLICKS:
        start = round(moment * sample_rate)
        samples[start : start + sample_rate // 200] = 0.8 * (-1.0) ** np.arange(sample_rate // 200)[:, None]
    return Audio(samples.astype(np.float32), sample_rate)


def test_the_dancer_of_the_video_moves_when_the_click_is_heard(folder, tmp_path, monkeypatch):
    """Sound file -> features -> a dancer whose hips rise with the loudness -> MP4, in which both are measured."""
    settings = AudioSettings(fps=RATE, sample_rate=24000, mels=4, n_fft=512)
    path = tmp_path / "clicks.wav"
    write_wav(path, clicks())
    sidecar = replace(motion_sidecar_of(make_sidecars()), fps=RATE)
    height = sidecar.names.index("Hips_Yposition")
    model = copy_model(
        {"audio": InputConfig(length=3, offset=-1)},
        {"motion": OutputConfig()},
        rows={"audio": 1},
        dims={"audio": len(audio_features.names(settings)), "motion": len(sidecar.names)},
        columns=(0,) * len(sidecar.names),
    )
    head = model.heads["motion"]
    copied = head.sample

    def rise(*args, **options):
        frames, state = copied(*args, **options)
        loudness = frames[:, :, :1, :1].clone()
        frames[:, :, 0] = 0.0
        frames[..., height : height + 1] = 0.9 + 0.3 * (loudness > -60.0)
        return frames, state

    head.sample = rise
    model.streams = {name: replace(stream, fps=RATE) for name, stream in model.streams.items()}
    sidecars = {"motion": sidecar.to_dict(), "audio": audio_features.sidecar(settings)}
    loaded = replace(models.load_model(folder / "run"), model=model, sidecars=sidecars)
    monkeypatch.setattr(models, "load_model", lambda path: loaded)
    render = ("--render.width", "64", "--render.height", "64", "--render.fps", "100", "--render.no_waveform")
    assert generate(folder, str(path), "--model", "DIR/run", "--format", "mp4", "--out", str(tmp_path), *render) == 0
    errors = rises(tmp_path / "clicks.mp4") - heard(tmp_path / "clicks.mp4")
    assert np.abs(errors).max() < 0.01


def rises(path) -> np.ndarray:
    """Middles of the stretches of time in which the picture differs from how it mostly looks."""
    with av.open(str(path)) as container:
        frames = [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="gray")) for frame in container.decode(video=0)
        ]
    pictures = np.stack([picture for _, picture in frames]).astype(float)
    change = np.abs(pictures - np.median(pictures, axis=0)).mean(axis=(1, 2))
    return middles(np.array([moment for moment, _ in frames]), change > change.max() / 2)


def heard(path) -> np.ndarray:
    """Middles of the clicks."""
    with av.open(str(path)) as container:
        blocks = [
            (float(frame.pts * frame.time_base), frame.sample_rate, frame.to_ndarray())
            for frame in container.decode(audio=0)
        ]
    moments = np.concatenate([start + np.arange(block.shape[1]) / rate for start, rate, block in blocks])
    levels = np.concatenate([np.abs(block).max(axis=0) for *_, block in blocks])
    return middles(moments, levels > 0.2)


def middles(moments: np.ndarray, is_on: np.ndarray) -> np.ndarray:
    on = moments[is_on]
    starts, ends = on[np.diff(on, prepend=-1) > 0.2], on[np.diff(on, append=np.inf) > 0.2]
    assert len(starts) == len(CLICKS)
    return (starts + ends) / 2
