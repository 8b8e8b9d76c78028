"""Types that a person says: `TYPES="inhabitants=int,batch=text"`. They count if every value can be read so."""

import re
from collections.abc import Callable, Sequence

from lab.new_feed.infer.date_form_inference import Ambiguous, Order, forms_of, is_day
from lab.new_feed.infer.number_types import number_of, number_said
from lab.new_feed.infer.type_inference import Found, Proposal, date_column, shown, text_column, words_of
from millrace.errors import Refused

KNOWN = ("text", "int", "bigint", "decimal", "double", "date", "datetime", "boolean")
SAID = re.compile(r"([^=]+)=([a-z]+)")
SHOWN = 28
LARGEST_INT = 2**31


def said_types(types: str) -> dict[str, str]:
    """The types by header or column. Refused where one is no type."""
    found: dict[str, str] = {}
    for part in (part.strip() for part in types.split(",") if part.strip()):
        said = SAID.fullmatch(part)
        if said is None or said[2] not in KNOWN:
            raise Refused(f'TYPES says {part!r}; write TYPES="column=type,…", a type being one of {", ".join(KNOWN)}.')
        found[said[1].strip()] = said[2]
    return found


def answers(column: Proposal, texts: Sequence[str]) -> tuple[str, ...]:
    """What may be said of a column instead, where its values leave a doubt."""
    values = [text for text in texts if text]
    if column.is_said or not column.note or not values:
        return ()
    if not column.kind.is_text:
        return ("text",) if column.is_date or number_of(values) is None else ()
    fitting = [kind for kind in ("int", "bigint", "decimal", "double", "date") if _as(kind, values, _day_first)]
    return tuple(fitting[:1] + fitting[-1:]) if fitting[-1:] == ["date"] and len(fitting) > 1 else tuple(fitting[:1])


def _day_first(_doubt: Ambiguous) -> Order:
    return "day-first"


def as_said(kind: str, header: str, texts: Sequence[str], ask: Callable[[str, Ambiguous], Order]) -> Found:
    """The column as that type. Refused where a value cannot be read so."""
    values = [text for text in texts if text]
    found = _as(kind, values, lambda doubt: ask(header, doubt))
    if found is None:
        wrong = next((value for value in values if _as(kind, [value], _day_first) is None), "")
        because = f"{shown(wrong, SHOWN)!r} cannot be read so" if wrong else "its values cannot all be read in one way"
        raise Refused(f"TYPES says {header}={kind}, but {because}; leave it out, or say text.")
    return found


def _as(kind: str, values: list[str], ask: Callable[[Ambiguous], Order]) -> Found | None:
    note = f"{kind}, as you said"
    if kind == "text":
        return text_column(values, note)
    if kind in ("date", "datetime"):
        return _as_date(kind, values, ask, note)
    if kind == "boolean":
        words = words_of(values)
        return Found(kind, {"true": [words[0]], "false": [words[1]]}, note) if words else None
    number = number_said(values, is_whole=kind in ("int", "bigint")) if values else None
    if number is None or (kind == "int" and number.type == "bigint" and not _fit_int(values)):
        return None
    if kind == "decimal" and number.type == "double":
        return None
    rules = {"parse": number.parse} if number.parse else {}
    return Found(number.type if kind == "decimal" else kind, rules, note)


def _fit_int(values: Sequence[str]) -> bool:
    return all(abs(int(re.sub("[.,]", "", value))) < LARGEST_INT for value in values)


def _as_date(kind: str, values: list[str], ask: Callable[[Ambiguous], Order], note: str) -> Found | None:
    forms = forms_of(values, is_said=True)
    if isinstance(forms, Ambiguous):
        forms = forms.forms(ask(forms))
    if not forms or (kind == "date" and not is_day(forms)):
        return None
    found = date_column(forms, note)
    return Found(kind, found.rules, note)
