"""Arrays of texts, read by a contract's date forms: moments, dates, and what is doubtful."""

from datetime import datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from spark.clean.date_parsing import doubtful, moments


@given(st.lists(st.datetimes(), min_size=1))
def test_every_moment_comes_back(times: list[datetime]) -> None:
    whole = [time.replace(microsecond=time.microsecond // 1000 * 1000) for time in times]
    texts = [time.isoformat(sep=" ", timespec="milliseconds") for time in whole]
    assert moments(pa.array(texts), ("yyyy-MM-dd HH:mm:ss.SSS",), "first").to_pylist() == whole


def test_a_zone_does_not_lead_beyond_the_calendar() -> None:
    texts = ["9999-12-31T23:04:05.678-05:30", "0001-01-01T00:04:05.678+05:30"]
    assert moments(pa.array(texts), ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",), "first").to_pylist() == [None, None]


def test_only_different_moments_are_doubtful() -> None:
    texts = pa.array(["03/04/2014", "04/04/2014", "13/04/2014", "no", None])
    is_doubtful = doubtful(texts, ("MM/dd/yyyy", "dd/MM/yyyy"), "first", pa.date32())
    assert is_doubtful.to_pylist() == [True, False, False, False, False]


def test_there_is_no_year_nought() -> None:
    texts = ["0000-01-01", "0001-01-01", "0000-12-31"]
    assert moments(pa.array(texts), ("yyyy-MM-dd",), "first").to_pylist() == [None, datetime(1, 1, 1), None]
