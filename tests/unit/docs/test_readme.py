"""The pages a newcomer reads: commands exist, links lead somewhere, every make target is told."""

import re
from pathlib import Path

import pytest

from lab.location import CHECKOUT

PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
PATH = re.compile(r"`((?:ansible|boxes|feeds|lab|millrace|producer|spark|sql|superset|tests|vagrant)/[\w/.-]*)`")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.M)
LINK = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")
MARKUP = re.compile(r"\[([^]]*)\]\([^)]*\)|[`*]")


def make_targets() -> set[str]:
    return set(TARGET.findall((CHECKOUT / "Makefile").read_text()))


def test_the_readme_is_short() -> None:
    assert len((CHECKOUT / "README.md").read_text().splitlines()) < 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_on_a_page_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.M))
    assert named <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    links = LINK.findall(page.read_text())
    lost = [(name, anchor) for name, anchor in links if anchor not in anchors(page.parent / name if name else page)]
    assert lost == []


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives the page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    plain = [MARKUP.sub(r"\1", heading).lower() for heading in re.findall(r"^#+ (.+)$", text, re.M)]
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", ["glossary.md", "decisions.md"])
def test_every_path_that_explains_something_exists(page: str) -> None:
    paths = PATH.findall((CHECKOUT / "docs" / page).read_text())
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


def test_a_decision_takes_five_lines_at_most() -> None:
    records = (CHECKOUT / "docs" / "decisions.md").read_text().split("\n### ")[1:]
    long = [title for title, *body in map(str.splitlines, records) if len([x for x in body if x and x[0] != "#"]) > 5]
    assert records and long == []


def test_the_commands_page_tells_every_target() -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text()
    assert {target for target in make_targets() - {"help"} if f"`make {target}`" not in page} == set()
