"""Kafka's tools on its machine: as whom they speak, and where, by who has called them and with what."""

import os
import subprocess
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import SecretStr

from lab.location import CHECKOUT
from millrace.kafka_account import AUTHORITY, PEOPLES, KafkaAccount, properties
from millrace.yaml_file import read_yaml

ROLES = CHECKOUT / "ansible" / "roles"
LAB = "192.168.33.13:9092"


def rendered(template: str, **known: object) -> str:
    """A template of a role as Ansible writes it."""
    folder, name = (ROLES / template).parent, Path(template).name
    # What is written is no page of HTML.
    maker = Environment(  # noqa: S701
        loader=FileSystemLoader(folder), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    return maker.get_template(name).render(**known)


@pytest.mark.parametrize("ca", [None, AUTHORITY])
def test_the_file_on_the_machines_is_the_one_that_the_host_writes(ca: Path | None) -> None:
    account = KafkaAccount(address=LAB, user="person", password=SecretStr("hush"), ca=ca)
    text = rendered(
        "people/templates/client.properties.j2",
        millrace_kafka=LAB,
        people_account="person",
        millrace_ca=AUTHORITY,
        millrace_encrypt=ca is not None,
        secrets_own={"kafka_person_password": "hush"},
    )
    assert text == properties(account.java())


def test_the_commands_read_what_the_role_writes() -> None:
    assert (
        read_yaml(ROLES / "people" / "defaults" / "main.yml")["people_client"]
        == "{{ millrace_config }}/" + PEOPLES.name
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with the tools, a Java that prints what it was told, and an `id` that says who calls."""
    for name, text in {
        "java": '#!/bin/sh\nwhile [ "$1" != -cp ]; do shift; done\nshift 3\necho "$@"\n',
        "id": '#!/bin/sh\ncase $1 in -u) echo "$WHO" ;; *) echo tester ;; esac\n',
        "run-tool": rendered(
            "kafka/templates/run-tool.j2",
            kafka_home=tmp_path,
            millrace_kafka=LAB,
            people_client=tmp_path / "client.properties",
            people_group="people",
            kafka_admin_client=tmp_path / "admin.properties",
            kafka_tool_heap="1m",
        ),
    }.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "tools.tsv").write_text((ROLES / "kafka" / "files" / "tools.tsv").read_text())
    for tool in ("kafka-topics.sh", "kafka-cluster.sh", "kafka-storage.sh"):
        (tmp_path / tool).symlink_to(tmp_path / "run-tool")
    for account in ("client", "admin"):
        (tmp_path / f"{account}.properties").touch()
    return tmp_path


def called(machine: Path, *arguments: str, who: int = 1000) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{machine}:{os.environ['PATH']}", "WHO": str(who)}
    return subprocess.run(
        [machine / arguments[0], *arguments[1:]], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("kafka-topics.sh --list", f"--command-config client.properties --bootstrap-server {LAB} --list"),
        (
            "kafka-topics.sh --bootstrap-server x:1 --list",
            "--command-config client.properties --bootstrap-server x:1 --list",
        ),
        ("kafka-topics.sh --command-config own --list", f"--bootstrap-server {LAB} --command-config own --list"),
        ("kafka-topics.sh --help", "--help"),
        ("kafka-cluster.sh cluster-id", f"cluster-id --bootstrap-server {LAB} --command-config client.properties"),
        ("kafka-cluster.sh cluster-id --bootstrap-controller x:1", "cluster-id --bootstrap-controller x:1"),
        ("kafka-storage.sh info", "info"),
    ],
)
def test_a_person_is_a_person_unless_the_arguments_say_otherwise(machine: Path, typed: str, printed: str) -> None:
    assert called(machine, *typed.split()).stdout.replace(f"{machine}/", "").strip() == printed


def test_root_is_admin(machine: Path) -> None:
    said = called(machine, "kafka-topics.sh", "--list", who=0).stdout
    assert f"--command-config {machine}/admin.properties" in said


def test_who_may_not_use_the_account_is_told_how_to_mend_it(machine: Path) -> None:
    (machine / "client.properties").unlink()
    done = called(machine, "kafka-topics.sh", "--list")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"✗ {machine}/client.properties is for people who log in on this machine: log in again, or have root say"
        " `adduser tester people`.\n"
    )
    assert called(machine, "kafka-topics.sh", "--command-config", "own", "--list").returncode == 0
