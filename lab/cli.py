"""The command line: every command, and one way of failing."""

from typing import Any

import typer
from typer.core import TyperGroup

from feeds.errors import Refused
from lab import words
from lab.commands import (
    check,
    ddl,
    demo,
    login,
    logs,
    machines,
    migrate,
    quarantine,
    send,
    simulate,
    sql,
    status,
    test,
    topics,
)
from lab.screen import complain

EXIT_WRONG = 1
EXIT_STOPPED = 130


class OneSentenceGroup(TyperGroup):
    """Turns a refusal into its sentence and exit code 1; no traceback for what a person can mend."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            complain(str(refusal))
            raise typer.Exit(EXIT_WRONG) from refusal
        except KeyboardInterrupt as stop:
            complain(words.STOPPED)
            raise typer.Exit(EXIT_STOPPED) from stop


app = typer.Typer(
    name="millrace",
    cls=OneSentenceGroup,
    help=words.HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)

PIPELINE, MACHINES, INSIDE, WORK = "Pipeline", "Machines", "Used by the machines", "Working on Millrace"

app.command("status", rich_help_panel=PIPELINE)(status.status)
app.command("send", rich_help_panel=PIPELINE)(send.send)
app.command("sql", rich_help_panel=PIPELINE)(sql.sql)
app.command("quarantine", rich_help_panel=PIPELINE)(quarantine.quarantine)
app.command("logs", rich_help_panel=PIPELINE)(logs.logs)
app.command("login", rich_help_panel=PIPELINE)(login.login)
app.command("up", rich_help_panel=MACHINES)(machines.up)
app.command("down", rich_help_panel=MACHINES)(machines.down)
app.command("destroy", rich_help_panel=MACHINES)(machines.destroy)
app.command("boxes", rich_help_panel=MACHINES)(machines.boxes)
app.command("test-vm", rich_help_panel=WORK)(machines.test_vm)
app.command("check", rich_help_panel=WORK)(check.check)
app.command("test", rich_help_panel=WORK)(test.test)
app.command("ddl", rich_help_panel=WORK)(ddl.ddl)
app.command("migrate", rich_help_panel=INSIDE)(migrate.migrate)
app.command("topics", rich_help_panel=INSIDE)(topics.topics)
app.command("simulate", rich_help_panel=INSIDE)(simulate.simulate)
app.command("demo", rich_help_panel=INSIDE)(demo.demo)


def main() -> None:
    """Runs the command line of this process."""
    app()
