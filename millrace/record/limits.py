"""How much of a record is taken: what MySQL holds in one value, and what parsing can take. More is refused."""

LONGEST_TEXT = 2**24 - 1
"""Bytes of a MEDIUMTEXT."""
DEEPEST_JSON = 100
"""Levels of lists and objects in a JSON document of MySQL, and so in a record."""
LONGEST_JSON_KEY = 65_535
"""Bytes of a name in a JSON document of MySQL, and so of a field that the contract does not know."""
DEEPEST_ELEMENT = 500
"""Levels in a record of a JSON file: beyond, its end is not looked for, as Python's own reading ends at about 900."""
MOST_FIELDS = 10_000
LONGEST_FLATTENED = 2**25
"""Fields of a nested record, and characters of their dotted names and values: few bytes can stand for many."""
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""In which a record may say it was sent; MySQL's last year is 9999, and an hour is moved by its time zone."""
LONGEST_REASON = 500
LONGEST_SHOWN = 100
"""Characters of a reason that comes with a record, and of a name that a reason repeats."""
