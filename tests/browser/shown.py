"""What a tile says, as a number, and how exactly it says it."""

import re
from datetime import UTC, datetime
from typing import Any

UNITS = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "m": 1e-3, "%": 1e-2}
MINUS = "\u2212"
NUMBER = re.compile(rf"(?P<sign>[-{MINUS}+]?)[$€£]?(?P<digits>[\d,]+(?:\.(?P<behind>\d+))?)(?P<unit>[kKMGBTm%]?)")
DAY = "%d %b %Y"


def says(text: str, value: Any) -> bool:
    """Whether a tile's text is this value, in as many digits as it shows."""
    if value is None:
        return text in ("", "N/A", "null")
    if isinstance(value, str) and not _is_number(value):
        return text == value or text == _day(datetime.fromisoformat(value))
    found = NUMBER.fullmatch(text.replace(" ", ""))
    if found is None:
        return text == _day(datetime.fromtimestamp(float(value) / 1000, UTC))
    unit = UNITS[found["unit"]]
    shown = float(found["digits"].replace(",", "")) * unit * (-1 if found["sign"] in ("-", MINUS) else 1)
    half_of_last_digit = 0.5 * 10.0 ** -len(found["behind"] or "") * unit
    if found["unit"] not in ("", "%") and not found["behind"]:
        half_of_last_digit = 0.5 * unit
    return abs(shown - float(value)) <= half_of_last_digit * 1.001 + abs(float(value)) * 1e-9


def _day(moment: datetime) -> str:
    return moment.strftime(DAY)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
