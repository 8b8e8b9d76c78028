"""`millrace-migrate`: brings MySQL's schema up to date; Ansible calls it on the mysql machine."""

from dataclasses import asdict

from lab.screen.output import print_json
from millrace.settings import Settings
from sql.migrate import migrate as bring_up_to_date


def migrate() -> None:
    """Applies the SQL migrations that are missing, makes feeds' tables fit their contracts; prints both as JSON."""
    print_json(asdict(bring_up_to_date(Settings.from_environment())))
