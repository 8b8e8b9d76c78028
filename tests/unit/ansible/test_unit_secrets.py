"""No password stands in the environment that a unit is started with: systemd hands them over as credentials."""

import re
from pathlib import Path

import pytest

from millrace.lab_files import CHECKOUT

ROLES = CHECKOUT / "ansible" / "roles"
UNITS = sorted(ROLES.glob("*/templates/*.service.j2"))
# Files that are a unit's environment, by what makes them.
PLAIN = {
    "/etc/spark/environment": ROLES / "spark" / "templates" / "environment.j2",
    "{{ millrace_config }}/millrace-batch.env": ROLES / "batch" / "templates" / "batch.env.j2",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_units_environment_has_no_passwords(unit: Path) -> None:
    text = unit.read_text()
    assert set(re.findall(r"^EnvironmentFile=(.*)$", text, re.MULTILINE)) <= PLAIN.keys()
    assert "secrets_own" not in text


@pytest.mark.parametrize("template", PLAIN.values(), ids=lambda template: template.name)
def test_the_files_of_an_environment_have_none(template: Path) -> None:
    assert "secrets_own" not in template.read_text()


def test_commands_read_no_passwords_into_their_environment() -> None:
    scripts = [file for file in ROLES.glob("*/templates/*.j2") if file.read_text().startswith("#!")]
    assert len(scripts) > 5
    assert [file.name for file in scripts if re.search(r"^\s*(\.|source) ", file.read_text(), re.MULTILINE)] == []
