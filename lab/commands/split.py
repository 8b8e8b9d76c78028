"""`millrace split`: a large file as many small ones, also one after the other into a landing folder."""

from pathlib import Path
from typing import Annotated

import typer

from feeds.contract import load_contract
from feeds.errors import Refused
from feeds.settings import Settings
from lab import life_words as words
from lab.landing_folder import folder_of
from lab.readable import check_readable
from lab.screen import say
from producer.simulate.run import stop_on_signals
from producer.split import split as cut


def split(
    file: Annotated[Path, typer.Argument(help="a CSV file or one with a JSON object per line")],
    lines: Annotated[int, typer.Option(min=1, help="records per part")] = 1000,
    into: Annotated[Path | None, typer.Option(help="the folder the parts go to")] = None,
    feed: Annotated[str | None, typer.Option(help="into this feed's landing folder instead")] = None,
    every: Annotated[float, typer.Option(min=0, help="seconds between two parts")] = 0,
) -> None:
    """Cuts a file into parts of so many records, each with the header; a quoted line end cuts nothing."""
    check_readable(file)
    if (into is None) == (feed is None):
        raise Refused(words.SPLIT_WHERE)
    folder = into or folder_of(Settings.from_environment(), load_contract(feed or "").feed)
    parts = sum(1 for _ in cut(file, lines, folder, every=every, stopped=stop_on_signals()))
    say(words.SPLIT_DONE.format(file=file.name, parts=parts, folder=folder))
