"""`make backup`, `make restore`: all of a lab that cannot be made again, as one file."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from lab.backup.archive import unpack
from lab.backup.not_loaded import described
from lab.backup.put_back import host_part, is_made, put_back
from lab.backup.take import back_up, records_there
from lab.host.one_at_a_time import only
from lab.location import CHECKOUT, need_host, state_folder
from lab.screen.output import confirm, say, warn
from lab.sentences import backup as sentences
from lab.sentences import general
from millrace.errors import Refused

MB = 1_000_000


def backup(
    anyway: Annotated[bool, typer.Option("--anyway", help="leave out records in Kafka that are not loaded")] = False,
) -> None:
    """Writes backups/millrace-….tar while the lab runs: MySQL, journals, landing folders, passwords, own feeds."""
    need_host("make backup")
    file, manifest = back_up(anyway=anyway)
    if manifest.unread:
        warn(sentences.UNREAD_LEFT.format(what=described(manifest.unread)))
    say(sentences.DONE.format(file=file.relative_to(CHECKOUT), size=round(file.stat().st_size / MB)))


def restore(
    file: Annotated[Path, typer.Argument(help="the archive")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="do not ask whether it is meant")] = False,
    over: Annotated[bool, typer.Option("--over", help="also where this lab holds records")] = False,
) -> None:
    """Makes a lab of a backup, bringing one up where there is none. Nothing is changed before all is checked."""
    need_host("make restore")
    if file == Path():
        raise Refused(sentences.NO_FILE)
    if not file.is_file():
        raise Refused(general.FILE_MISSING.format(file=file))
    with only("make restore"), tempfile.TemporaryDirectory(dir=state_folder()) as folder:
        parts = Path(folder)
        manifest = unpack(file, parts)
        files = host_part(file, parts, manifest)
        is_fresh = not is_made()
        if not is_fresh and not over and (records := records_there()):
            raise Refused(sentences.HAS_RECORDS.format(records=records, file=file))
        if not yes:
            question = sentences.ASKS.format(file=file, made_at=manifest.made_at, records=manifest.records)
            confirm(question, sentences.UNASKED, sentences.DROPPED)
        aside = put_back(manifest, parts, files, is_fresh=is_fresh, report=say)
    if manifest.unread:
        warn(sentences.WAS_UNREAD.format(what=described(manifest.unread)))
    say(sentences.RESTORED.format(made_at=manifest.made_at, folder=aside.relative_to(CHECKOUT)))
