"""Texts made tidy before the cast; what is not understood stays, and is refused later."""

import pyarrow as pa
import pytest

from spark.clean.parse_functions import point_grouped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234", "1234"),
        ("-1.234.567,50", "-1234567.50"),
        ("12,5", "12.5"),
        ("12", "12"),
        ("1.5", "1,5"),
        ("1,234.5", "1,234,5"),
        (None, None),
    ],
)
def test_points_between_thousands(text: str | None, expected: str | None) -> None:
    assert point_grouped(pa.array([text], pa.string())).to_pylist() == [expected]
