"""All metrics of a report, in its order: a new one is a file here and a line in ``METRICS``."""

from transflower.evaluation.metric import Metric

METRICS: tuple[Metric, ...] = ()
