"""The list of feeds that are switched on, changed in a YAML file that people write in: the rest stays as it stands."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from feeds.errors import Refused
from feeds.validation import read_yaml

HEADER = "# What differs from lab.yml on this lab; it wins, key by key.\n"
ENTRY = re.compile(r"^feeds:.*\n(?:(?:[ \t]+.*|-.*|[ \t]*)\n)*", re.MULTILINE)


def with_feeds(text: str, feeds: Sequence[str]) -> str:
    """The file's text with that list under `feeds`; comments elsewhere stay."""
    entry = "feeds: []\n" if not feeds else "feeds:\n" + "".join(f"  - {feed}\n" for feed in feeds)
    whole = text if not text or text.endswith("\n") else f"{text}\n"
    found = ENTRY.search(whole)
    if found is None:
        return (whole or HEADER) + entry
    after = whole[found.end() :]
    return whole[: found.start()] + entry + ("\n" if found[0].endswith("\n\n") and after else "") + after


def write_feeds(file: Path, feeds: Sequence[str]) -> None:
    """Write the list into the file, which may not be there yet; what would not read back is refused, unwritten."""
    text = with_feeds(file.read_text(encoding="utf-8") if file.exists() else "", feeds)
    if (yaml.safe_load(text) or {}).get("feeds") != list(feeds):
        raise Refused(
            f"{file} is written in a way that this command cannot change; write under feeds: {', '.join(feeds)}."
        )
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    if file.exists():
        partial.chmod(file.stat().st_mode)
    else:
        partial.chmod(0o644)
    partial.replace(file)
    read_yaml(file)


def switched(feeds: Sequence[str], feed: str, *, on: bool) -> list[str]:
    """The list with the feed, at its end, or without it."""
    others = [each for each in feeds if each != feed]
    return [*feeds] if on and feed in feeds else [*others, feed] if on else others
