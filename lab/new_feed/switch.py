"""The feeds that are switched on, in lab.local.yml; whatever else a person wrote there stays as it is."""

import re
from collections.abc import Sequence
from pathlib import Path

from feeds.settings import load_lab

LOCAL = "lab.local.yml"
LIST = r"^{key}:.*\n?(?:(?:[ \t-].*|[ \t]*)\n?)*"


def switched_on(feed: str, checkout: Path) -> str:
    """The text of lab.local.yml with the feed behind those that are on now; it begins without a row."""
    path, lab = checkout / LOCAL, load_lab()
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    return _with_list(_with_list(before, "feeds", (*lab.feeds, feed)), "begin_empty", (*lab.begin_empty, feed))


def _with_list(text: str, key: str, names: Sequence[str]) -> str:
    block = f"{key}:\n" + "".join(f"  - {name}\n" for name in names)
    changed, times = re.subn(LIST.format(key=key), lambda _: block, text, count=1, flags=re.M)
    return changed if times else f"{text.rstrip()}\n{block}".lstrip()
