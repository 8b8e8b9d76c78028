"""Printing: one rendering for people, plain text without colours or wrapping when nobody looks at a terminal."""

import os
import select
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from millrace.errors import Refused

PLAIN_WIDTH = 240
# C0 and C1 but for tab and new line, DEL, and the marks that turn the direction of writing.
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))} | {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
STDOUT = 1


def is_terminal() -> bool:
    """Whether a person sees what we print (both ends: colours out, keys in)."""
    return sys.stdout.isatty()


def is_reader_gone() -> bool:
    """Whether stdout is a pipe or socket that nobody reads any more."""
    asked = select.poll()
    asked.register(STDOUT, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))


def forget_reader() -> None:
    """What is still to be printed goes nowhere, also at Python's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)


def confirm(question: str, unasked: str, dropped: str) -> None:
    """Asks a person; Refused with `unasked` where nobody sees the question, with `dropped` where they say no."""
    if not is_terminal():
        raise Refused(unasked)
    if not typer.confirm(question):
        raise Refused(dropped)


def console(*, stderr: bool = False) -> Console:
    """A console on today's stdout or stderr; wide and colourless when it is not a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=True, width=None if stream.isatty() else PLAIN_WIDTH)


def say(text: str) -> None:
    """One line for the person; may hold rich markup."""
    console().print(visible(text))


def complain(sentence: str) -> None:
    """One sentence on stderr: what went wrong and how to mend it."""
    console(stderr=True).print(f"[bold red]✗[/] {escape(visible(sentence))}")


def warn(sentence: str) -> None:
    """One sentence on stderr: what will go wrong before long, and how to mend it."""
    console(stderr=True).print(f"[bold yellow]⚠[/] {escape(visible(sentence))}")


def visible(text: str) -> str:
    """A text whose control characters are written out: a value from a file moves no cursor and sends no keys."""
    return text.translate(CONTROLS)


def cell(value: object) -> str:
    """How a value stands in a table: a missing one as a dash, thousands with commas."""
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape(visible(str(value)))


def table(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Prints rows under headers; columns named in `right` are right-aligned. Cells that are already markup stay so."""
    grid = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in headers:
        is_number = header in right
        grid.add_column(
            header, justify="right" if is_number else "left", style=None, overflow="fold", no_wrap=is_number
        )
    for row in rows:
        grid.add_row(*(value.text if isinstance(value, Marked) else cell(value) for value in row))
    console().print(grid)


def progress_bar() -> Progress:
    """Sent and landed records as bars at a terminal; nothing elsewhere."""
    shown = console(stderr=True)
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=shown, disable=not shown.is_terminal)


class Marked:
    """A cell whose text is rich markup already, such as a coloured tick."""

    def __init__(self, text: str) -> None:
        self.text = text


OK = Marked("[green]✓[/]")
WARN = Marked("[yellow]⚠[/]")
BAD = Marked("[red]✗[/]")


def print_json(value: Any) -> None:
    """One JSON document on stdout, for scripts; what a terminal would take for a command is written out."""
    document = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode()
    sys.stdout.write(f"{document.translate(UNESCAPED)}\n")


UNESCAPED = {number: f"\\u{number:04x}" for number in range(0x7F, 0xA0)}
"""Control characters that JSON leaves as they are."""
SHOWN_VALUE = 60


def shortened(value: object) -> str | None:
    """A value that fits its column; white space shown as one space."""
    if value is None:
        return None
    flat = " ".join(str(value).split())
    return flat if len(flat) <= SHOWN_VALUE else f"{flat[: SHOWN_VALUE - 1]}…"
