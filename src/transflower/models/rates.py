"""Rates of a model's inputs, which follow from the frame rates of its modalities."""

from collections.abc import Mapping
from dataclasses import replace

from transflower.core.errors import ModelError, OptionsError
from transflower.core.rates import SAME_RATE, relative_rates
from transflower.core.spans import Span, StreamSpec
from transflower.models.options import ModelConfig


def spans_at_rates(config: ModelConfig, streams: Mapping[str, StreamSpec]) -> dict[str, Span]:
    """Frames of each input that one position needs, relative to its own, with the rates that follow from the streams.

    Raises:
        ModelError: the rates do not go together.
    """
    spans = config.spans | config.target_spans
    fps = {name: streams[name].fps for name, span in spans.items() if span.mode == "sequence"}
    try:
        rates = relative_rates(fps, list(config.outputs))
    except OptionsError as error:
        raise ModelError(str(error)) from error
    spans = {name: replace(span, rate=rates.get(name, SAME_RATE)) for name, span in config.spans.items()}
    timed = {name: span.rate for name, span in spans.items() if span.mode != "single"}
    if timed and max(timed.values()) < SAME_RATE:
        raise ModelError(
            f"every input has fewer frames than the output ({', '.join(timed)}): let the model also read what it has "
            "drawn, or another input at the rate of the output"
        )
    return spans
