"""The list of feeds that are switched on, changed in a YAML file that people write in: the rest stays as it stands."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from millrace.errors import Refused
from millrace.whole_file import whole_file
from millrace.yaml_file import read_yaml

HEADER = "# What differs from lab.yml on this lab; it wins, key by key.\n"
ENTRY = r"^{key}:.*\n(?:(?:[ \t]+.*|-.*|[ \t]*)\n)*"


def with_feeds(text: str, feeds: Sequence[str], key: str = "feeds") -> str:
    """The file's text with that list under the key, indented as it was; comments elsewhere stay."""
    whole = text if not text or text.endswith("\n") else f"{text}\n"
    found = re.search(ENTRY.format(key=key), whole, re.MULTILINE)
    indent = "" if found and re.search(r"^- ", found[0], re.MULTILINE) else "  "
    entry = f"{key}: []\n" if not feeds else f"{key}:\n" + "".join(f"{indent}- {feed}\n" for feed in feeds)
    if found is None:
        return (whole or HEADER) + entry
    after = whole[found.end() :]
    return whole[: found.start()] + entry + ("\n" if found[0].endswith("\n\n") and after else "") + after


def changed(file: Path, feeds: Sequence[str], **others: Sequence[str]) -> str:
    """The file's text with that list, and those under other keys; refused where it would not read back so."""
    wanted = {"feeds": list(feeds), **{key: list(names) for key, names in others.items()}}
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for key, names in wanted.items():
        text = with_feeds(text, names, key)
    if not wanted.items() <= _read_back(text).items():
        what = "; ".join(f"{key}: {', '.join(names)}" for key, names in wanted.items())
        raise Refused(f"{file} is written in a way that this command cannot change; write in it {what}.")
    return text


def _read_back(text: str) -> dict[str, Any]:
    """The YAML as a mapping; an empty one where it is none."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}


def write_feeds(file: Path, feeds: Sequence[str], **others: Sequence[str]) -> None:
    """Write what `changed` gives into the file, which may not be there yet; where it refuses, nothing is written."""
    text = changed(file, feeds, **others)
    with whole_file(file) as partial:
        partial.write_text(text, encoding="utf-8")
        partial.chmod(file.stat().st_mode if file.exists() else 0o644)
    read_yaml(file)


def switched(feeds: Sequence[str], feed: str, *, on: bool) -> list[str]:
    """The list with the feed, at its end, or without it."""
    others = [each for each in feeds if each != feed]
    return [*feeds] if on and feed in feeds else [*others, feed] if on else others
