"""Passwords of Kafka's accounts: in files closed to others, with no unit that does not need them, on no page."""

from typing import Any

import httpx
import pytest
import yaml

from lab.host import remote
from lab.location import state_folder
from lab.observe.services import APPLICATION_PORT
from millrace.settings import Lab


@pytest.mark.parametrize(
    ("machine", "file", "rights"),
    [
        ("kafka", "/etc/millrace/client.properties", "640 root people"),
        ("spark", "/etc/millrace/client.properties", "640 root people"),
        ("kafka", "/etc/kafka/admin.properties", "600 root root"),
        ("kafka", "/etc/kafka/broker.jaas", "640 root kafka"),
        ("kafka", "/etc/millrace/kafka-admin.env", "400 millrace millrace"),
    ],
)
def test_what_holds_a_password_is_closed_to_others(lab: Lab, machine: str, file: str, rights: str) -> None:
    assert remote.run(machine, f"sudo stat --format '%a %U %G' {file}").strip() == rights


def test_no_unit_is_handed_admins_password(lab: Lab) -> None:
    handed = remote.run("kafka", "sudo sh -c 'cat /run/credentials/millrace-*.service/*'")
    assert passwords()["kafka_producer_password"] in handed, "the units are not looked at"
    assert passwords()["kafka_admin_password"] not in handed


def test_sparks_pages_do_not_tell_the_streams_password(lab: Lab) -> None:
    site = f"http://{lab.address('spark')}:{APPLICATION_PORT}"
    (app,) = httpx.get(f"{site}/api/v1/applications", timeout=30).json()
    api = f"/api/v1/applications/{app['id']}"
    pages = ["/environment/", "/SQL/", "/StreamingQuery/", f"{api}/environment", f"{api}/sql?details=true&length=20"]
    seen = "".join(httpx.get(site + page, timeout=60, follow_redirects=True).raise_for_status().text for page in pages)
    assert "spark.app.name" in seen
    assert passwords()["kafka_stream_password"] not in seen


def passwords() -> dict[str, str]:
    """Those of Kafka's accounts, by their names in the host's file."""
    known: dict[str, Any] = yaml.safe_load((state_folder() / "secrets.yml").read_text())
    return {name: word for name, word in known.items() if name.startswith("kafka_") and name.endswith("_password")}
