"""`make send`: a file through the whole pipeline. The host copies it to the kafka machine, which sends it."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from lab.host import remote
from lab.location import is_host
from lab.operate.readable_file import check_readable
from lab.screen.output import progress_bar
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.feed_names import contract_file

LEFT_MINUTES = 24 * 60


def send(
    feed: Annotated[str, typer.Argument(help="the feed whose contract the file follows")],
    file: Annotated[str, typer.Argument(help="a CSV, JSON, Excel, ODS or Parquet file")],
    as_new: Annotated[bool, typer.Option("--as-new", help="known name, other content: count both versions")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="known name, other content: take the old version out")
    ] = False,
    sheet: Annotated[str, typer.Option(help="of a workbook the sheet, if not the first")] = "",
) -> None:
    """Sends a file, waits until it is in MySQL, prints sent = loaded + updated + duplicates + quarantined."""
    need_both(feed, file)
    contract_file(feed)
    if as_new and replace:
        raise Refused(sentences.EITHER_OR)
    path = Path(file)
    check_readable(path)
    if is_host():
        raise typer.Exit(send_from_host(feed, path, as_new=as_new, replace=replace, sheet=sheet))
    # Kafka's and MySQL's clients, which the host's half does without, take most of a second to import.
    from lab.operate.send_and_reconcile import send_from_here  # noqa: PLC0415
    from millrace.contract.contract import load_contract  # noqa: PLC0415

    send_from_here(load_contract(feed), path, "as_new" if as_new else "replace" if replace else "", sheet)


def need_both(feed: str, file: str) -> None:
    """Refuses what `make send` passes on where FEED or FILE was not typed, naming which."""
    missing = [what for what, given in (("which feed", feed), ("which file", file)) if not given]
    if missing:
        example = {"feed": feed or "insurance_network", "file": file or "my.csv"}
        raise Refused(sentences.SEND_NEEDS.format(missing=" and ".join(missing), **example))


def new_folder(under: str = "/var/tmp") -> str:  # noqa: S108 - where large files of a person's may lie
    """The command that makes a folder for a file on the kafka machine, and prints it.

    What a killed `make send` has left there for a day goes: its file was read, or nobody is there to have it read.
    """
    old = f"find {under} -maxdepth 1 -name 'millrace-send.*' -type d -user $(id -un) -mmin +{LEFT_MINUTES}"
    made = f"mktemp --directory {under}/millrace-send.XXXXXX"
    return f"{old} -exec rm -rf {{}} + ; {made} | xargs -I{{}} sh -c 'chmod 755 {{}} && echo {{}}'"


def send_from_host(feed: str, file: Path, *, as_new: bool, replace: bool, sheet: str = "") -> int:
    """Copies the file to the kafka machine under its own name and runs this same command there."""
    folder = remote.run(remote.SENDER, new_folder()).strip()
    target = f"{folder}/{file.name}"
    with progress_bar() as bar:
        task = bar.add_task(
            sentences.COPYING, total=file.stat().st_size, visible=file.stat().st_size > remote.COPY_CHUNK
        )
        remote.put(remote.SENDER, file, target, lambda size: bar.advance(task, size))
    flags = [flag for flag, wanted in (("--as-new", as_new), ("--replace", replace)) if wanted]
    flags += ["--sheet", sheet] if sheet else []
    arguments = shlex.join(["millrace", "send", *flags, "--", feed, target])
    return remote.attach(remote.SENDER, f"trap 'rm -rf {folder}' EXIT; {arguments}")
