"""The command line: every command, imported only when it is called, and one way of failing."""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from lab.makefile import refuse_unknown_options
from lab.screen.output import complain, forget_reader, is_reader_gone
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.feed_names import nearest

EXIT_WRONG = 1
EXIT_STOPPED = 130
OBJECTS_PER_COLLECTION = 20_000
"""A producer holds a future per event in flight. At Python's 700, looking through them again and again took a third of
the time that handing them to Kafka's client costs."""

PIPELINE, FEED, MACHINES = "Pipeline", "A feed's life", "Machines"
INSIDE, WORK = "Used by the machines", "Working on Millrace"


class Place(NamedTuple):
    """Where a command's function lies, and under which heading the help lists it."""

    module: str
    function: str
    heading: str


COMMANDS = {
    "status": Place("status", "status", PIPELINE),
    "doctor": Place("doctor", "doctor", PIPELINE),
    "send": Place("send", "send", PIPELINE),
    "fetch": Place("fetch", "fetch", PIPELINE),
    "poll": Place("poll", "poll", PIPELINE),
    "sql": Place("sql", "sql", PIPELINE),
    "quarantine": Place("quarantine", "quarantine", PIPELINE),
    "peek": Place("peek", "peek", PIPELINE),
    "replay": Place("replay", "replay", PIPELINE),
    "events": Place("events", "events", PIPELINE),
    "verify": Place("verify", "verify", PIPELINE),
    "logs": Place("logs", "logs", PIPELINE),
    "feed-on": Place("feed_life", "feed_on", FEED),
    "feed-off": Place("feed_life", "feed_off", FEED),
    "reset": Place("feed_life", "reset", FEED),
    "forget": Place("forget", "forget", FEED),
    "login": Place("login", "login", PIPELINE),
    "notebook": Place("notebook", "notebook", PIPELINE),
    "up": Place("machines", "up", MACHINES),
    "down": Place("machines", "down", MACHINES),
    "destroy": Place("machines", "destroy", MACHINES),
    "backup": Place("backup", "backup", MACHINES),
    "restore": Place("backup", "restore", MACHINES),
    "boxes": Place("machines", "boxes", MACHINES),
    "test-vm": Place("machines", "test_vm", WORK),
    "check": Place("check", "check", WORK),
    "test": Place("test", "test", WORK),
    "bench": Place("bench", "bench", WORK),
    "drill": Place("drill", "drill", WORK),
    "new-feed": Place("new_feed", "new_feed", WORK),
    "migrate": Place("migrate", "migrate", INSIDE),
    "accounts": Place("accounts", "accounts", INSIDE),
    "topics": Place("topics", "topics", INSIDE),
    "simulate": Place("simulate", "simulate", INSIDE),
    "demo": Place("demo", "demo", INSIDE),
    "split": Place("split", "split", FEED),
    "device": Place("device", "device", FEED),
    "land": Place("land", "land", INSIDE),
    "metrics": Place("metrics", "metrics", INSIDE),
    "units": Place("units", "units", INSIDE),
    "seals": Place("seals", "seals", INSIDE),
}


class Commands(TyperGroup):
    """Imports a command when it is called: Kafka's, MySQL's and Alembic's libraries together cost a second.

    Turns a refusal into its sentence and exit code 1; no traceback for what a person can mend. Whoever reads what is
    printed may stop reading, as in `make sql | head`: that is no failure.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            ctx.fail(sentences.UNKNOWN_COMMAND.format(command=cmd_name, hint=nearest(cmd_name, tuple(COMMANDS))))
        return load(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        try:
            ended = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            if not is_reader_gone():
                raise
            forget_reader()
            raise typer.Exit from None
        except Refused as refusal:
            complain(str(refusal))
            raise typer.Exit(EXIT_WRONG) from refusal
        except PermissionError as denied:
            complain(no_rights(denied))
            raise typer.Exit(EXIT_WRONG) from denied
        except KeyboardInterrupt as stop:
            complain(sentences.STOPPED)
            raise typer.Exit(EXIT_STOPPED) from stop
        return ended


def no_rights(denied: PermissionError) -> str:
    """The sentence of a file or folder that is another user's; the system's own words where it names none."""
    if not denied.filename:
        return str(denied)
    file = Path(denied.filename)
    there = next(one for one in (file, *file.absolute().parents) if os.path.exists(one))  # noqa: PTH110 - Path's raises
    return sentences.NO_RIGHTS.format(file=file, owner=there.owner())


def flush_what_is_left() -> None:
    """Before Python does it, which complains where nobody reads any more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        forget_reader()


def load(name: str) -> TyperCommand:
    """The command of that name, its module imported."""
    place = COMMANDS[name]
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    function = getattr(import_module(f"lab.commands.{place.module}"), place.function)
    alone.command(name, rich_help_panel=place.heading)(function)
    command = get_command(alone)
    if not isinstance(command, TyperCommand):
        raise TypeError(f"{name} is no single command")
    return command


app = typer.Typer(
    name="millrace",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.callback(help=sentences.HELP)(lambda: None)


def main() -> None:
    """Runs the command line of this process."""
    gc.set_threshold(OBJECTS_PER_COLLECTION)
    refuse_unknown_options()
    try:
        app()
    finally:
        flush_what_is_left()
