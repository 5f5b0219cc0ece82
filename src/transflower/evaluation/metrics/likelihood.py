"""Held-out likelihood of models with a density."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from transflower.evaluation.likelihoods import log_likelihood, num_columns
from transflower.evaluation.metric import Metric, Number
from transflower.evaluation.system import Setting, System

Part = tuple[float, int]
"""Nats of a recording, and its frames."""


class Likelihood(Metric[Part]):
    """Negative log-density of held-out sequences; lower is better.

    Each frame is given all real frames before it and the inputs; by the chain rule these densities multiply to that of
    the sequence. A model of several frames at once counts with their mean. ``nats/dim`` is the mean over frames and
    columns, and ``bits/dim`` the same divided by ln 2. ``nats a sequence`` is summed over the columns and frames of a
    whole sequence. Columns are standardised by the mean and deviation of the data's training split, constant ones left
    out, whatever the model standardises by; the noise that the model adds to targets (1 % of a deviation by default) is
    added here too. Raw values are read: nothing is clamped. Papers that call bits per frame bits per dimension have
    numbers D times as large.
    """

    source = "Papamakarios et al. 2021, Normalizing flows for probabilistic modeling and inference"
    group = "likelihood"
    numbers: ClassVar[Mapping[str, Number]] = {
        "nats_per_dim": Number(title="held-out likelihood (nats/dim)", better="lower"),
        "bits_per_dim": Number(title="held-out likelihood (bits/dim)", better="lower"),
        "nats_per_sequence": Number(title="held-out likelihood (nats a sequence)", better="lower"),
    }

    def parts(self, system: System, setting: Setting) -> Mapping[str, Part]:
        """Evaluate the model on every real sequence."""
        found = {one: log_likelihood(system, setting, one) for one in setting.ids}
        return {one: (-float(frames.sum()), len(frames)) for one, frames in found.items()}

    def combine(self, parts: Sequence[Part], system: System, setting: Setting) -> Mapping[str, float]:
        """Means over frames, and over sequences."""
        total, frames = sum(nats for nats, _ in parts), sum(count for _, count in parts)
        per_dim = total / frames / num_columns(setting)
        return {
            "nats_per_dim": per_dim,
            "bits_per_dim": per_dim / math.log(2),
            "nats_per_sequence": total / len(parts),
        }
