"""Whole arrays of texts are read as millrace.contract.date_forms reads each one."""

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millrace.contract.date_forms import Day, moment
from spark.clean.date_parsing import doubtful, moments

FORMS = [
    ("yyyy-MM-dd",),
    ("M/d/yyyy H:mm", "yyyy-MM-dd HH:mm:ss"),
    ("Myyyy",),
    ("dd/MM/yyyy", "yyyy-MM-dd", "Myyyy"),
    ("MM/dd/yyyy", "dd/MM/yyyy"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",),
    ("d-MMM-yy hh:mm a",),
    ("yyyy-MM-dd", "yyyy-MM-ddXXX"),
    ("yyyy",),
]
TEXTS = [
    *("2014-02-30", "2016-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "1950-07-08"),
    *("32021", "032021", "132021", "31/04/2020", "30/04/2020", "03/04/2014", "04/04/2014", "13/04/2014"),
    *("2014-01-02T03:04:05.678Z", "2014-01-02T03:04:05.678+05:30", "2014-01-02T23:04:05.678-05:30"),
    *("2014-01-01+01:00", "2014-01-01-05:00", "2014-01-01Z", "2014-01-01+19:00", "2014-01-01+01:60"),
    *("2014-01-01T03:04:05.678+19:00", "2014-01-01T03:04:05.678+01:60", "2014", "2014-1-1"),
]
SPACED = ["1/2/2014 3:04", "1/2/2014 24:04", "2014-01-02 03:04:60", "2014-01-02 03:04:05", "", " ", "2014-01-02\n"]
HALVES = ["3-Mar-14 12:30 AM", "3-mar-14 12:30 PM", "3-Foo-14 01:30 PM", "3-Mar-14 13:30 PM", "3-Mar-14 00:30 AM"]


def one_by_one(texts: list[str], forms: tuple[str, ...], day: Day) -> list[datetime | None]:
    return [None if text.strip() != text else moment(text, forms, day) for text in texts]


@pytest.mark.parametrize("forms", FORMS, ids=" or ".join)
@pytest.mark.parametrize("day", ["first", "last"])
def test_every_text_is_read_as_it_would_be_alone(forms: tuple[str, ...], day: Day) -> None:
    texts = [*TEXTS, *SPACED, *HALVES]
    assert moments(pa.array(texts), forms, day).to_pylist() == one_by_one(texts, forms, day)


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
