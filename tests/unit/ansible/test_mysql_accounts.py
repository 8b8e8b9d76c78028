"""MySQL's accounts as Ansible writes them: those who only read never have all connections."""

import re

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from millrace.lab_files import CHECKOUT

ROLE = CHECKOUT / "ansible" / "roles" / "mysql"
SUBNET = "192.0.2"
WITHOUT_LIMIT = {"migrate", "spark", "superset", "producer", "vagrant"}
LIMIT = re.compile(r"^ALTER USER '(\w+)'@'\S+' WITH MAX_USER_CONNECTIONS (\d+);$", re.MULTILINE)


def limits(clients: int) -> dict[str, set[int]]:
    """Each account's most connections from a place, where `clients` names so many addresses."""
    loader = DataLoader()
    known = {
        **loader.load_from_file(str(ROLE / "defaults" / "main.yml"), trusted_as_template=True),
        **loader.load_from_file(str(ROLE / "vars" / "main.yml"), trusted_as_template=True),
        "lab": {"subnet": SUBNET, "clients": [f"198.51.100.{number}" for number in range(1, clients + 1)]},
        "millrace_address": f"{SUBNET}.14",
        "millrace_addresses": {"kafka": f"{SUBNET}.13", "spark": f"{SUBNET}.12", "superset": f"{SUBNET}.10"},
        "secrets_own": {f"mysql_{name}_password": "x" for name in (*WITHOUT_LIMIT, "reader")},
    }
    template = (ROLE / "templates" / "accounts.sql.j2").read_text()
    found: dict[str, set[int]] = {}
    for name, most in LIMIT.findall(Templar(loader, known).template(trust_as_template(template))):
        found.setdefault(name, set()).add(int(most))
    return found


@pytest.mark.parametrize(("clients", "share"), [(0, 48), (1, 24), (4, 9), (47, 1), (48, 1), (200, 1)])
def test_readers_share_their_connections_and_nobody_has_no_limit(clients: int, share: int) -> None:
    """0 would be none; those who load, and the lab's own, have none."""
    assert limits(clients) == {"reader": {share}} | {name: {0} for name in WITHOUT_LIMIT}
