"""`millrace-migrate`: brings MySQL's schema up to date; Ansible calls it on the mysql machine."""

from lab.screen.output import print_json
from millrace.settings import Settings
from sql.migrate import migrate as apply_migrations


def migrate() -> None:
    """Applies the numbered SQL migrations that are missing and prints them as JSON."""
    print_json({"applied": apply_migrations(Settings.from_environment())})
