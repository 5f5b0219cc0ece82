"""Encoders: context from any inputs. Importing this package registers all of them."""

from transflower.models.encoders.base import ENCODERS, Encoder, EncoderConfig, EncoderStream
from transflower.models.encoders.buffer import FrameBuffer
from transflower.models.encoders.causal import CausalEncoder, CausalEncoderConfig
from transflower.models.encoders.concat import ConcatEncoder, ConcatEncoderConfig
from transflower.models.encoders.windowed import WindowedEncoder, WindowedEncoderConfig

__all__ = [
    "ENCODERS",
    "CausalEncoder",
    "CausalEncoderConfig",
    "ConcatEncoder",
    "ConcatEncoderConfig",
    "Encoder",
    "EncoderConfig",
    "EncoderStream",
    "FrameBuffer",
    "WindowedEncoder",
    "WindowedEncoderConfig",
]
