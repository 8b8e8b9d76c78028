"""Names of places that lost their accents on the way: brought back by decoding, or by the code beside them, or refused.

Nothing is guessed: where neither the bytes nor a known code say what a name was, there is none.
"""

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher

MISREAD_AS = ("cp1252", "latin-1", "mac-roman", "cp850", "cp437")
"""UTF-8 was read in one of these encodings: "Cléry" became "ClÃ©ry" or "Cl√©ry". No true name decodes this way."""
DAMAGE = re.compile(r"[\ufffd\u0080-\u009f]|[ÃÂ√├]|[a-zà-ÿ][A-ZÀ-Þ]|\w\?\w")
LIKE = 0.6
"""Share of two names that must be the same: "SvDte" and "Sète" have two thirds in common. Names of other places are
refused before that is asked, for Saint-Lô and Saint-Malo have nine tenths."""


def decoded(text: str) -> str:
    """The text with every misreading of UTF-8 undone; a text that is none stays as it is."""
    for encoding in MISREAD_AS:
        try:
            return decoded(text.encode(encoding).decode("utf-8")) if not text.isascii() else text
        except UnicodeError:
            continue
    return text


def folded(text: str) -> str:
    """The letters and digits of a name alone, without case and accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain.casefold()))


def is_damaged(text: str) -> bool:
    """Whether the text shows that letters were lost. That it shows nothing proves nothing."""
    return DAMAGE.search(text) is not None


def place_name(code: str | None, text: str | None, known: Mapping[str, str]) -> str | None:
    """The name of a place: that of its code where text and code agree, or the text is a damaged form of that name.

    None where they contradict each other, or where an unknown code comes with a damaged name.
    """
    sent = decoded(text) if text else None
    name = known.get(code or "")
    if name is None:
        return None if sent is None or is_damaged(sent) else sent
    if sent is None or folded(sent) == folded(name):
        return name
    return name if _is_form_of(sent, code, known) else None


def _is_form_of(sent: str, code: str | None, known: Mapping[str, str]) -> bool:
    """Whether a name is that of the code with letters lost, and not the name of another place."""
    shape = folded(sent)
    if any(folded(other) == shape for at, other in known.items() if at != code):
        return False
    return SequenceMatcher(None, shape, folded(known[code or ""])).ratio() >= LIKE
