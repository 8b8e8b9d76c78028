"""Refusals that are a file's own fault."""

from feeds.errors import Refused


class Unusable(Refused):
    """The file itself is wrong: sending it again, unchanged, would be refused again."""
