"""`make new-feed`: a feed of one's own from a file with a table in it, ready to be looked at."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.markup import escape

from lab.location import CHECKOUT, need_host, state_folder
from lab.new_feed.dashboard.dashboard import slug_of
from lab.new_feed.feed_files import write_all
from lab.new_feed.infer.date_form_inference import Ambiguous, AskOrder, Order
from lab.new_feed.proposal import Choices, Proposed
from lab.new_feed.readme import records, remarks, written
from lab.new_feed.scaffold import Made, make
from lab.operate.feed_list import changed, write_feeds
from lab.operate.readable_file import check_readable
from lab.screen.output import is_terminal, say, table
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.settings import load_lab

LOCAL = "lab.local.yml"


def new_feed(  # noqa: PLR0913, PLR0917 - what a person may say
    file: Annotated[Path, typer.Argument(help="a CSV, Excel, ODS, Parquet or JSON lines file")],
    name: Annotated[str, typer.Option("--name", help="what the feed will be called")] = "",
    key: Annotated[str, typer.Option(help="columns that name a thing: its newest record wins")] = "",
    newest: Annotated[str, typer.Option(help="with a key: the date that says which record is newest")] = "",
    types: Annotated[str, typer.Option(help='types you know better: "inhabitants=int,batch=text"')] = "",
    sheet: Annotated[str, typer.Option(help="of a workbook the sheet, if not the first")] = "",
    dates: Annotated[str, typer.Option(help="for dates in doubt: day-first, month-first or text")] = "",
) -> None:
    """Writes contract, sample and dashboard for a file with a table in it, and switches the feed on."""
    need_host("make new-feed")
    if str(file) in ("", "."):
        raise Refused(sentences.NEW_FEED_NO_FILE)
    check_readable(file)
    made = make(file, name, CHECKOUT, state_folder(), Choices(asking(dates), key, newest, types, sheet))
    lab, local = load_lab(), CHECKOUT / LOCAL
    on, empty = [*lab.feeds, name], [*lab.begin_empty, name]
    changed(local, on, begin_empty=empty)  # refuses before anything is written
    write_all(made.files, CHECKOUT)
    write_feeds(local, on, begin_empty=empty)
    show(made, file, sheet)


def asking(dates: str) -> AskOrder:
    """How dates that may be read in two ways are decided: as said beforehand, by asking, or not at all."""
    known = get_args(Order)
    if dates and dates not in known:
        raise Refused(sentences.NEW_FEED_DATES.format(dates=dates, known=", ".join(known)))

    def ask(header: str, doubt: Ambiguous) -> Order:
        said = dates
        while said not in known:
            if not (sys.stdin.isatty() and is_terminal()):
                raise Refused(sentences.NEW_FEED_AMBIGUOUS.format(column=header, example=doubt.example))
            said = typer.prompt(sentences.NEW_FEED_ASK.format(column=header, example=doubt.example))
        return cast(Order, said)

    return ask


def show(made: Made, file: Path, sheet: str) -> None:
    """What was read, what it became, and what to type next."""
    proposed = made.proposed
    feed, read = proposed.contract.feed, proposed.inspected
    say(sentences.NEW_FEED_READ.format(file=escape(file.name), records=records(read), written=written(read)))
    for remark in remarks(read):
        say(escape(remark))
    say("")
    rows = [
        (one.name, one.header, one.type, "yes" if one.required else "", ", ".join(one.examples), one.note)
        for one in proposed.columns
    ]
    table(sentences.NEW_FEED_COLUMNS, ["column", "in the file", "type", "required", "e.g.", "look at"], rows)
    if proposed.untyped:
        say(sentences.NEW_FEED_UNTYPED.format(count=proposed.untyped))
    say("")
    show_doubts(proposed)
    show_records(proposed)
    kept = sorted({f"{path.parent}/" if path.parent.name == slug_of(feed) else str(path) for path in made.files})
    say(f"[bold]{sentences.NEW_FEED_WRITTEN}[/]")
    for path in (*kept, LOCAL):
        say(f"  {path}")
    say("")
    of_sheet = f" SHEET={shlex.quote(sheet)}" if sheet else ""
    names = {"feed": feed, "file": f"{shlex.quote(str(file))}{of_sheet}"}
    table(sentences.NEW_FEED_NEXT, ["", ""], [[line.format(**names), what] for line, what in sentences.NEW_FEED_TRY])


def show_doubts(proposed: Proposed) -> None:
    """What the values leave open, and how to answer it."""
    rows = [
        (one.name, one.note, sentences.NEW_FEED_OR.join(f'TYPES="{one.name}={kind}"' for kind in one.answers))
        for one in proposed.columns
        if one.answers
    ]
    if rows:
        table(sentences.NEW_FEED_DOUBTS, ["column", "why", "say instead"], rows)
        say("")


def show_records(proposed: Proposed) -> None:
    """The first records beside what is stored of them."""
    # Arrow and the code of Spark's cleaning take a second to import.
    from lab.new_feed.preview import preview  # noqa: PLC0415

    shown = preview(proposed.contract, proposed.inspected)
    numbers = [str(number) for number in range(1, shown.records + 1)]
    table(sentences.NEW_FEED_FIRST.format(count=shown.records), ["column", "type", *numbers], shown.lines)
    say("")
