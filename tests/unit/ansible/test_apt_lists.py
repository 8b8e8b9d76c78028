"""When Debian's package lists are fetched anew: by the role's own condition, and as docs/security.md says it."""

import re
from datetime import UTC, datetime
from typing import Any

import jinja2
import pytest
import yaml

from millrace.lab_files import CHECKOUT

ROLE = CHECKOUT / "ansible" / "roles" / "base"
DAYS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())["base_apt_days"]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEVER = None


def are_fetched(*, lists: int, fetched: float | None, asked: float | None) -> bool:
    """Whether the task would run; times are days ago."""
    tasks = yaml.safe_load((ROLE / "tasks" / "apt.yml").read_text())
    (task,) = (task for task in tasks if task["name"] == "Package lists are fetched")
    stats = [{"stat": {} if days is NEVER else {"mtime": NOW.timestamp() - days * 86_400}} for days in (fetched, asked)]
    known: dict[str, Any] = {"base_apt_lists": {"matched": lists}, "base_apt_times": {"results": stats}}
    known |= {"base_apt_days": DAYS, "now": lambda: NOW}
    language = jinja2.Environment(autoescape=False)  # noqa: S701 - no page
    for name, template in task["vars"].items():
        known[name] = language.compile_expression(template.strip("{} "))(**known)
    return bool(language.compile_expression(task["when"])(**known))


def test_docs_say_after_how_many_days() -> None:
    stated = re.findall(r"lists older than (\d+) days", (CHECKOUT / "docs" / "security.md").read_text())
    assert stated == [str(DAYS)]


@pytest.mark.parametrize(
    ("lists", "fetched", "asked", "becomes"),
    [
        (0, NEVER, NEVER, True),
        (0, 1, NEVER, True),
        (2, NEVER, NEVER, True),
        (2, DAYS + 0.1, NEVER, True),
        (2, DAYS - 0.1, NEVER, False),
        (2, 2, 1, True),
        (2, 1, 2, False),
        (2, DAYS + 0.1, DAYS + 1, True),
    ],
)
def test_lists_are_fetched_when_there_are_none_or_old_ones_or_somebody_asked(
    lists: int, fetched: float | None, asked: float | None, *, becomes: bool
) -> None:
    assert are_fetched(lists=lists, fetched=fetched, asked=asked) is becomes
