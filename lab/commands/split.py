"""`millrace split`: a large file as many small ones, also one after the other into a landing folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lab.new_feed.infer.table_start import start_among
from lab.operate.landing_folder import folder_of
from lab.operate.readable_file import check_readable
from lab.screen.output import say
from lab.sentences import feed_life as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings
from producer.files.header import read_header
from producer.files.split import HeadOf
from producer.files.split import split as cut
from producer.simulate.run import stop_on_signals


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
        raise Refused(sentences.SPLIT_WHERE)
    folder = into or folder_of(Settings.from_environment(), load_contract(feed or "").feed)
    parts = sum(1 for _ in cut(file, lines, folder, head_of(file.name, feed), every=every, stopped=stop_on_signals()))
    say(sentences.SPLIT_DONE.format(file=file.name, parts=parts, folder=folder))


def head_of(name: str, feed: str | None) -> HeadOf:
    """Finds a file's header: by the feed's contract, else as `make new-feed` does."""

    def lines(first: Sequence[bytes]) -> int:
        if feed:
            return read_header(iter(first), load_contract(feed), name).lines
        return start_among(first, "latin-1").lines

    return lines
