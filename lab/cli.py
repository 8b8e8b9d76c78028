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


class CommandModule(NamedTuple):
    """Where a command's function lies, and under which heading the help lists it."""

    module: str
    function: str
    heading: str


COMMANDS = {
    "status": CommandModule("status", "status", PIPELINE),
    "doctor": CommandModule("doctor", "doctor", PIPELINE),
    "send": CommandModule("send", "send", PIPELINE),
    "fetch": CommandModule("fetch", "fetch", PIPELINE),
    "poll": CommandModule("poll", "poll", PIPELINE),
    "sql": CommandModule("sql", "sql", PIPELINE),
    "quarantine": CommandModule("quarantine", "quarantine", PIPELINE),
    "peek": CommandModule("peek", "peek", PIPELINE),
    "replay": CommandModule("replay", "replay", PIPELINE),
    "events": CommandModule("events", "events", PIPELINE),
    "verify": CommandModule("verify", "verify", PIPELINE),
    "logs": CommandModule("logs", "logs", PIPELINE),
    "feed-on": CommandModule("feed_life", "feed_on", FEED),
    "feed-off": CommandModule("feed_life", "feed_off", FEED),
    "reset": CommandModule("feed_life", "reset", FEED),
    "forget": CommandModule("forget", "forget", FEED),
    "login": CommandModule("login", "login", PIPELINE),
    "notebook": CommandModule("notebook", "notebook", PIPELINE),
    "up": CommandModule("machines", "up", MACHINES),
    "down": CommandModule("machines", "down", MACHINES),
    "destroy": CommandModule("machines", "destroy", MACHINES),
    "backup": CommandModule("backup", "backup", MACHINES),
    "restore": CommandModule("backup", "restore", MACHINES),
    "boxes": CommandModule("machines", "boxes", MACHINES),
    "test-vm": CommandModule("machines", "test_vm", WORK),
    "check": CommandModule("check", "check", WORK),
    "test": CommandModule("test", "test", WORK),
    "bench": CommandModule("bench", "bench", WORK),
    "drill": CommandModule("drill", "drill", WORK),
    "new-feed": CommandModule("new_feed", "new_feed", FEED),
    "migrate": CommandModule("migrate", "migrate", INSIDE),
    "accounts": CommandModule("accounts", "accounts", INSIDE),
    "topics": CommandModule("topics", "topics", INSIDE),
    "simulate": CommandModule("simulate", "simulate", INSIDE),
    "demo": CommandModule("demo", "demo", INSIDE),
    "split": CommandModule("split", "split", FEED),
    "device": CommandModule("device", "device", FEED),
    "land": CommandModule("land", "land", INSIDE),
    "resend": CommandModule("resend", "resend", INSIDE),
    "metrics": CommandModule("metrics", "metrics", INSIDE),
    "units": CommandModule("units", "units", INSIDE),
    "seals": CommandModule("seals", "seals", INSIDE),
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
    command_of = COMMANDS[name]
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    function = getattr(import_module(f"lab.commands.{command_of.module}"), command_of.function)
    alone.command(name, rich_help_panel=command_of.heading)(function)
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
