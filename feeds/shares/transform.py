"""What the contract of shares cannot say by itself: numbers as people print them."""

import pyarrow as pa
import pyarrow.compute as pc

GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"


def plain_digits(text: pa.StringArray) -> pa.StringArray:
    """Numbers without thousands separators: "142,981" → "142981". "14,29" is none, stays as it is, and is refused."""
    is_grouped = pc.fill_null(pc.match_substring_regex(text, GROUPED), False)
    return pc.if_else(is_grouped, pc.replace_substring(text, ",", ""), text)
