"""`make send`: a file through the whole pipeline, and the proof that nothing vanished."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from feeds.contract import Contract, load_contract
from feeds.errors import Refused
from feeds.settings import Settings
from lab import landing, remote, words
from lab.place import is_host
from lab.screen import console, say
from lab.sending import Sender
from lab.warehouse import Counts
from producer.file import Again

SENDER = "kafka"


def send(
    feed: Annotated[str, typer.Argument(help="the feed whose contract the file follows")],
    file: Annotated[Path, typer.Argument(help="a CSV file with its header")],
    as_new: Annotated[bool, typer.Option("--as-new", help="known name, other content: count both versions")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="known name, other content: take the old version out")
    ] = False,
) -> None:
    """Sends a file, waits until it is in MySQL, prints sent = loaded + updated + duplicates + quarantined."""
    contract = load_contract(feed)
    if as_new and replace:
        raise Refused(words.EITHER_OR)
    check_readable(file)
    if is_host():
        raise typer.Exit(send_from_host(feed, file, as_new=as_new, replace=replace))
    send_from_here(contract, file, "as_new" if as_new else "replace" if replace else "")


def check_readable(file: Path) -> None:
    """Refuses what is no readable file, before anything is copied."""
    if not file.exists():
        raise Refused(words.FILE_MISSING.format(file=file))
    if file.is_dir():
        raise Refused(words.FILE_IS_FOLDER.format(file=file))
    if not file.is_file() or not os.access(file, os.R_OK):
        raise Refused(words.FILE_UNREADABLE.format(file=file))


def send_from_host(feed: str, file: Path, *, as_new: bool, replace: bool) -> int:
    """Copies the file to the kafka machine under its own name and runs this same command there."""
    folder = remote.run(
        SENDER, "mktemp --directory /var/tmp/millrace-send.XXXXXX | xargs -I{} sh -c 'chmod 755 {} && echo {}'"
    ).strip()
    target = f"{folder}/{file.name}"
    with progress_bar() as bar:
        task = bar.add_task(words.COPYING, total=file.stat().st_size, visible=file.stat().st_size > remote.COPY_CHUNK)
        remote.put(SENDER, file, target, lambda size: bar.advance(task, size))
    flags = [flag for flag, wanted in (("--as-new", as_new), ("--replace", replace)) if wanted]
    arguments = shlex.join(["millrace", "send", *flags, "--", feed, target])
    return remote.attach(SENDER, f"trap 'rm -rf {folder}' EXIT; {arguments}")


def send_from_here(contract: Contract, file: Path, again: Again) -> None:
    """Sends the file from this machine and waits until it has landed."""
    sender = Sender(Settings.from_environment(), contract)
    with progress_bar() as bar:
        earlier = bar.add_task(words.EARLIER, total=None, visible=False)
        start = sender.start(file, lambda waiting: bar.update(earlier, visible=waiting > 0))
        sending = bar.add_task(words.SENDING, total=None)
        result = sender.send(file, again, lambda done, total: bar.update(sending, completed=done, total=total))
        sent = landing.Sent(contract.feed, result.source, result.sent, result.end_offsets)
        arriving = bar.add_task(words.LANDING, total=result.sent)
        counts = sender.follow(
            sent, start, lambda waiting: bar.update(arriving, completed=max(0, result.sent - waiting))
        )
    if result.skipped:
        say(words.TAKEN_UP.format(skipped=result.skipped, records=result.records))
    report(sent, counts)


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


def report(sent: landing.Sent, counts: Counts) -> None:
    """Prints the sum; exit 1 when it does not add up."""
    say(words.SUM.format(feed=sent.feed, sent=sent.records, **vars(counts)))
    if counts.quarantined:
        say(words.SEE_QUARANTINE.format(feed=sent.feed))
    if counts.landed != sent.records or counts.read != sent.records:
        raise Refused(words.DOES_NOT_ADD_UP.format(sent=sent.records, landed=counts.landed))
