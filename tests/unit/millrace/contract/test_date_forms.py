"""Date forms: what is read, what is ambiguous, what is none."""

from datetime import datetime

import pytest

from millrace.contract.date_forms import form_pattern, moment
from millrace.errors import Refused

HOSPITAL = ("yyyy-MM-dd", "dd/MM/yyyy", "MMyyyy")


@pytest.mark.parametrize(
    ("text", "forms", "day", "read"),
    [
        ("2021-03-14", HOSPITAL, "first", "2021-03-14"),
        (" 14/03/2021\r", HOSPITAL, "first", "2021-03-14"),
        ("032021", HOSPITAL, "first", "2021-03-01"),
        ("032021", HOSPITAL, "last", "2021-03-31"),
        ("32021", ("Myyyy",), "last", "2021-03-31"),
        ("022024", ("Myyyy",), "last", "2024-02-29"),
        ("03/04/2014", ("dd/MM/yyyy", "MM/dd/yyyy"), "first", None),
        ("13/04/2014", ("dd/MM/yyyy", "MM/dd/yyyy"), "first", "2014-04-13"),
        ("04/04/2014", ("dd/MM/yyyy", "MM/dd/yyyy"), "first", "2014-04-04"),
        ("31/04/2014", ("dd/MM/yyyy",), "first", None),
        ("132021", ("Myyyy",), "first", None),
        ("002021", ("Myyyy",), "first", None),
        ("14/03/2021 x", HOSPITAL, "first", None),
        ("٠٣٢٠٢١", ("MMyyyy",), "first", None),
        ("", HOSPITAL, "first", None),
        ("1/9/2014 7:05", ("M/d/yyyy H:mm",), "first", "2014-01-09T07:05"),
        ("14 Mar 21", ("dd MMM yy",), "first", "2021-03-14"),
        ("2021-03-14T01:02:03.456+02:00", ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",), "first", "2021-03-13T23:02:03.456"),
        ("2019-02-20+01:00", ("yyyy-MM-dd", "yyyy-MM-ddXXX"), "first", "2019-02-20"),
        ("2019-02-20-05:00", ("yyyy-MM-ddXXX",), "first", "2019-02-20"),
        ("2019-02-20Z", ("yyyy-MM-ddXXX",), "first", "2019-02-20"),
        ("2019-02-20+19:00", ("yyyy-MM-ddXXX",), "first", None),
        ("12:00 AM 1/2/2021", ("h:mm a d/M/yyyy",), "first", "2021-02-01T00:00"),
        ("12:30 PM 1/2/2021", ("h:mm a d/M/yyyy",), "first", "2021-02-01T12:30"),
        ("13:30 PM 1/2/2021", ("h:mm a d/M/yyyy",), "first", None),
        ("2020", ("yyyy",), "last", "2020-12-31"),
        ("2014-02-30", HOSPITAL, "first", None),
        ("2016-02-29", HOSPITAL, "first", "2016-02-29"),
        ("1900-02-29", HOSPITAL, "first", None),
        ("2000-02-29", HOSPITAL, "first", "2000-02-29"),
        ("0000-01-01", HOSPITAL, "first", None),
        ("9999-12-31", HOSPITAL, "first", "9999-12-31"),
        ("1/2/2014 24:04", ("M/d/yyyy H:mm",), "first", None),
        ("2014-01-02 03:04:60", ("yyyy-MM-dd HH:mm:ss",), "first", None),
        ("2014-01-01T03:04:05.678+01:60", ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",), "first", None),
        ("2014-01-02T23:04:05.678-05:30", ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",), "first", "2014-01-03T04:34:05.678"),
        ("3-mar-14 12:30 AM", ("d-MMM-yy hh:mm a",), "first", "2014-03-03T00:30"),
        ("3-Foo-14 01:30 PM", ("d-MMM-yy hh:mm a",), "first", None),
        ("3-Mar-14 00:30 AM", ("d-MMM-yy hh:mm a",), "first", None),
        ("9999-12-31T23:04-05:30", ("yyyy-MM-dd'T'HH:mmXXX",), "first", None),
        ("0001-01-01T00:04+05:30", ("yyyy-MM-dd'T'HH:mmXXX",), "first", None),
    ],
)
def test_a_text_has_one_moment_or_none(text: str, forms: tuple[str, ...], day: str, read: str | None) -> None:
    expected = datetime.fromisoformat(read) if read else None
    assert moment(text, forms, "last" if day == "last" else "first") == expected


def test_an_unknown_form_is_refused_by_its_letters() -> None:
    with pytest.raises(Refused, match=r"^The date form 'yyyy-QQ' is not understood \(QQ\); known are yyyy, yy, MMM"):
        form_pattern("yyyy-QQ")
    with pytest.raises(Refused, match=r"^The date form 'dd/d' names a part of the date twice; once is enough\.$"):
        moment("1/1", ("dd/d",))
