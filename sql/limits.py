"""What MySQL takes in one value."""

LONGEST_TEXT = 2**24 - 1
"""Bytes of a MEDIUMTEXT."""
DEEPEST_JSON = 100
LONGEST_JSON_KEY = 65_535
"""Bytes."""
