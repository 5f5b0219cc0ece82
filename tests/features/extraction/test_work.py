import logging
from pathlib import Path

import joblib
import pytest

from transflower.core.errors import DataError, FormatError
from transflower.features.extraction.sources import Source
from transflower.features.extraction.work import attempt_all

SOURCES = [Source(name, Path(f"{name}.bvh")) for name in ("good", "unreadable", "unusable", "gone")]


def work(source: Source) -> str:
    """Fails in a way that the name says, and remarks on what it does."""
    logging.getLogger("transflower.formats.bvh").warning("looked at %s", source.path)
    if source.sequence_id == "unreadable":
        raise FormatError(source.path, "is empty", line=1)
    if source.sequence_id == "unusable":
        raise DataError("has no legs")
    if source.sequence_id == "gone":
        raise FileNotFoundError("not there")
    return source.sequence_id


def bug(source: Source) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("jobs", [1, 2])
def test_problems_name_their_file_and_stop_no_other(jobs):
    outcomes = attempt_all(work, SOURCES, jobs=jobs, label="test")
    assert [outcome.source for outcome in outcomes] == SOURCES
    assert [outcome.result for outcome in outcomes] == ["good", None, None, None]
    assert [outcome.problem for outcome in outcomes] == [
        None,
        "unreadable.bvh, line 1: is empty",
        "unusable.bvh: has no legs",
        "gone.bvh: not there",
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_warnings_come_back_with_the_outcome_and_are_not_logged(jobs, caplog):
    caplog.set_level(logging.INFO, "transflower")
    outcomes = attempt_all(work, SOURCES[:2], jobs=jobs, label="test")
    assert [outcome.remarks for outcome in outcomes] == [("looked at good.bvh",), ("looked at unreadable.bvh",)]
    assert not caplog.records


@pytest.mark.parametrize("jobs", [1, 2])
def test_bugs_are_raised(jobs):
    with pytest.raises(ZeroDivisionError):
        attempt_all(bug, SOURCES[:2], jobs=jobs, label="test")


def test_threads_collect_their_own_warnings(caplog):
    caplog.set_level(logging.INFO, "transflower")
    with joblib.parallel_config(backend="threading", n_jobs=2):
        outcomes = attempt_all(work, SOURCES * 5, jobs=-1, label="test")
    assert [outcome.remarks for outcome in outcomes] == [(f"looked at {one.path}",) for one in SOURCES] * 5
    assert not caplog.records
    logging.getLogger("transflower.formats.bvh").warning("later")
    assert len(caplog.records) == 1
