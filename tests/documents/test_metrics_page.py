from tests.documents.metrics_page import PAGE, metrics_page
from transflower.evaluation.metrics import METRICS, OPTIONAL, chosen

GROUPS = ["likelihood", "distribution", "body", "beat", "diversity", "drift", "calibration"]


def test_the_page_is_made_from_the_metrics():
    assert PAGE.read_text(encoding="utf-8") == metrics_page(), "run python -m tests.documents.metrics_page"


def test_metrics_have_a_definition_and_a_source_and_are_in_order():
    everything = [*METRICS, *(metric for some in OPTIONAL.values() for metric in some)]
    assert all(len(type(metric).__doc__ or "") > 100 and metric.source for metric in everything)
    for flags in ([], ["uncentred"], list(OPTIONAL)):
        groups = [GROUPS.index(metric.group) for metric in chosen(flags)]
        assert groups == sorted(groups)
    assert len(chosen(["uncentred"])) == len(METRICS) + 2
    keys = [key for metric in everything for key in metric.numbers]
    assert len(keys) == len(set(keys))
