"""A model of independent standard normal frames, and data of which it knows the distribution, or half its scale."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.evaluation.metrics.factories import make_setting
from tests.models.factories import AUDIO, tiny_config
from transflower.core.spans import StreamSpec
from transflower.evaluation.system import Setting, System
from transflower.models import Model, load_model, save_model
from transflower.models.heads import HeadConfig

COLUMNS = 3
FRAMES = 120


def write_data(folder: Path, *, std: float = 1.0, recordings: int = 3) -> Setting:
    """Independent normal frames of a standard deviation, beside sound that says nothing of them."""
    folder.mkdir(parents=True)
    real = {}
    for number in range(recordings):
        rng, one = np.random.default_rng(number), f"song{number}"
        real[one] = [(std * rng.standard_normal((FRAMES, COLUMNS))).astype(np.float32)]
        np.save(folder / f"{one}.motion.npy", real[one][0])
        np.save(folder / f"{one}.audio.npy", rng.standard_normal((FRAMES, AUDIO)).astype(np.float32))
    return make_setting(real, data=folder, fps=10.0)


def make_system(folder: Path, head: HeadConfig | None = None, *, kind: str = "windowed", latent_ar: int = 0) -> System:
    """A model that knows that frames are independent standard normals: one that has been initialised by them."""
    torch.manual_seed(0)
    config = replace(tiny_config(kind), target_noise=0.0)
    if head is not None:
        config = replace(config, head=head)
    elif latent_ar:
        config = replace(config, head=replace(config.head, flow=replace(config.head.flow, latent_ar=latent_ar)))
    streams = {"motion": StreamSpec(dim=COLUMNS), "audio": StreamSpec(dim=AUDIO)}
    model = Model(config, streams, {name: (np.zeros(one.dim), np.ones(one.dim)) for name, one in streams.items()})
    model.initialise(
        {
            side: {name: torch.randn(3000, span.length, streams[name].dim) for name, span in spans.items()}
            for side, spans in (("inputs", config.spans), ("targets", config.target_spans))
        }
    )
    save_model(folder, model, sidecars=dict.fromkeys(streams))
    return System(name="model", samples={}, model=load_model(folder))
