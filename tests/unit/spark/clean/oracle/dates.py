"""What a text means by a contract's date forms, by strptime, which is lenient, and a strict look at what it read."""

import re
from calendar import month_abbr, monthrange
from collections.abc import Sequence
from datetime import datetime, timedelta

PARTS = {
    **{"yyyy": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"},
    **{"HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S"},
    **{"SSS": "%f", "SSSSSS": "%f", "a": "%p"},
}
TOKEN = re.compile(r"'(?P<literal>[^']+)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<sign>.)", re.DOTALL)
ZONE = re.compile(r"(?:Z|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-5][0-9]))\Z")


def meanings(text: str, forms: Sequence[str], day: str) -> set[datetime]:
    """Every moment the text may mean, in UTC where it names time and zone."""
    return {moment for form in forms if (moment := _meaning(text, form, day)) is not None}


def tokens(form: str) -> list[tuple[str, bool]]:
    """The form's parts in their order: letters that stand for something (true), and signs that stand for themselves."""
    return [(t["letters"] or t["literal"] or t["sign"], bool(t["letters"])) for t in TOKEN.finditer(form)]


def spellings(moment: datetime, letters: str) -> list[str]:
    """How a part of the moment may be written."""
    number = {
        **{"yyyy": moment.year, "yy": moment.year % 100, "M": moment.month, "d": moment.day, "H": moment.hour},
        **{"h": moment.hour % 12 or 12, "m": moment.minute, "s": moment.second},
        **{"SSS": moment.microsecond // 1000, "SSSSSS": moment.microsecond},
    }
    if letters == "MMM":
        return [month_abbr[moment.month]]
    if letters == "a":
        return ["PM" if moment.hour >= 12 else "AM"]
    if letters in number and len(letters) == 1:
        return sorted({f"{number[letters]}", f"{number[letters]:02}"})
    return [f"{number.get(letters, number.get(letters[0])):0{len(letters)}}"]


def _meaning(text: str, form: str, day: str) -> datetime | None:
    zone = ZONE.search(text) if form.endswith("XXX") else None
    if form.endswith("XXX"):
        if zone is None:
            return None
        text, form = text[: zone.start()], form.removesuffix("XXX")
    parts = tokens(form)
    try:
        found = datetime.strptime(text, "".join(PARTS[part] if stands else part for part, stands in parts))
        found = _in_this_century(found, parts)
        if not _is_spelt(text, found, parts):
            return None
        found, ahead = _on_its_day(found, parts, day), _ahead(zone)
        return found - ahead if any(part[0] in "Hh" for part, stands in parts if stands) else found
    except (ValueError, OverflowError):
        return None


def _in_this_century(found: datetime, parts: list[tuple[str, bool]]) -> datetime:
    """`yy` is a year from 2000 on; strptime takes 69 for 1969."""
    return found.replace(year=2000 + found.year % 100) if ("yy", True) in parts else found


def _is_spelt(text: str, found: datetime, parts: list[tuple[str, bool]]) -> bool:
    """Whether the text is the moment in the form, digit by digit; only a month's name may have any case."""
    shapes = [("|".join(map(re.escape, spellings(found, p))) if stands else re.escape(p), p) for p, stands in parts]
    whole = "".join(f"(?i:{shape})" if part == "MMM" else f"(?:{shape})" for shape, part in shapes)
    return re.fullmatch(whole, text, re.ASCII) is not None


def _on_its_day(found: datetime, parts: list[tuple[str, bool]], day: str) -> datetime:
    """A form without a day stands for the first or last of its month, one without a month for that of its year."""
    letters = {part[0] for part, stands in parts if stands}
    if day == "last" and "d" not in letters:
        month = found.month if "M" in letters else 12
        return found.replace(month=month, day=monthrange(found.year, month)[1])
    return found


def _ahead(zone: re.Match[str] | None) -> timedelta:
    """What a clock in the zone is ahead of UTC. Raises ValueError where there is no such zone."""
    if zone is None or zone["sign"] is None:
        return timedelta()
    if int(zone["hours"]) > 18:
        raise ValueError(zone[0])
    ahead = timedelta(hours=int(zone["hours"]), minutes=int(zone["minutes"]))
    return -ahead if zone["sign"] == "-" else ahead
