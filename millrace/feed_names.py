"""Which feeds there are: their contracts' files by name. Cheap to import, as every command a person types begins here.

MILLRACE_FEEDS may name further folders, parted as in PATH, with feeds that are not shipped, such as those of tests.
"""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from millrace.errors import Refused

FOLDER = Path(__file__).parents[1] / "feeds"
VARIABLE = "MILLRACE_FEEDS"


def known_feeds() -> tuple[str, ...]:
    """The feeds that have a contract."""
    return tuple(sorted(_contract_files()))


def contract_file(feed: str) -> Path:
    """Where the feed's contract stands; refuses an unknown feed, naming the nearest, and one that was not typed."""
    files = _contract_files()
    if not feed:
        raise Refused(f"Say which feed: FEED=…; {nearest(feed, sorted(files))}")
    if feed not in files:
        raise Refused(f"There is no feed {feed!r}; {nearest(feed, sorted(files))}")
    return files[feed]


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint naming the known word that `word` was probably meant to be; all of them where none is close."""
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}."


def _contract_files() -> dict[str, Path]:
    """Every contract's file by the name of its feed; of two with one name ours counts."""
    further = [Path(folder) for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    return {file.parent.name: file for folder in (*further, FOLDER) for file in folder.glob("*/contract.yaml")}
