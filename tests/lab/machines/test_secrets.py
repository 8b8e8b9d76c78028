"""Secrets are looked for by their values: none stands where anybody but its owner reads it."""

import json
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.host import remote
from lab.location import CHECKOUT, state_folder
from lab.observe.services import MACHINES
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time
from tests.lab.secret_search import names_in, words

SEARCH = (CHECKOUT / "tests" / "lab" / "secret_search.py").read_text(encoding="utf-8")
SEARCH_SECONDS = 280
BAIT = "bait"
FILE = "/var/tmp/millrace-bait"  # noqa: S108 - on the machine, and nobody else's
# Spark hands its executors the cluster's secret in their environment, whatever else is set: docs/security.md.
KNOWN = {"spark": {"spark_secret environ:spark"}}
LAY = f"""
read -r word
umask 022
echo "$word" > {FILE}
echo "$word" | systemd-cat --identifier=millrace-bait
journalctl --sync
# Not before the process is what it will be: until then its environment is that of systemd.
unit="systemd-run --quiet --collect --service-type=exec --uid=nobody"
$unit --unit=millrace-bait-told sh -c "sleep 600; : $word"
$unit --unit=millrace-bait-has --property="Environment=WORD=$word" sleep 600
"""
PYTHON = "/opt/millrace/venv/bin/python"
# What a program may do at the worst when it fails: show all of its settings.
SHOW_ALL = """
from millrace.kafka.broker import Broker
from millrace.settings import Settings
settings = Settings.from_environment()
try:
    Broker(settings.kafka_account, timeout_ms="soon").topics()
except Exception as error:
    raise RuntimeError(f"{settings} {settings.kafka_account!r}") from error
"""
LEFT_TO_SHOW = "kafka_password=SecretStr('**********')"
IN_MILLRACE = [PYTHON, "-P", "-c", SHOW_ALL]
IN_SUPERSET = [PYTHON, *(f"/opt/millrace/app/superset/{name}.py" for name in ("with_credentials", "import_assets"))]
CRASHES = {
    "kafka": ("--uid=millrace --property=LoadCredential=lab.env:/etc/millrace/lab.env", IN_MILLRACE, LEFT_TO_SHOW),
    "mysql": ("--setenv=MILLRACE_MYSQL_PORT=1", ["millrace-migrate"], "Can't connect to MySQL server"),
    "spark": (
        "--uid=spark --property=LoadCredential=millrace-stream.env:/etc/millrace/millrace-stream.env",
        IN_MILLRACE,
        LEFT_TO_SHOW,
    ),
    "superset": (
        "--uid=superset --property=LoadCredential=superset.env:/etc/millrace/superset.env",
        [*IN_SUPERSET, "soon"],
        "could not convert string to float: 'soon'",
    ),
}
"""Per machine a program that has read its secrets and fails, as which unit, and what its last words are."""
TAKE_AWAY = f"systemctl stop millrace-bait-told millrace-bait-has; rm -f {FILE}"


def known_secrets() -> dict[str, str]:
    """Every secret of the lab, by its name."""
    known: dict[str, str] = yaml.safe_load((state_folder() / "secrets.yml").read_text(encoding="utf-8"))
    return known


def as_root(machine: str, command: list[str], given: str) -> str:
    """What the command prints on the machine, which reads `given`: secrets are no arguments."""
    done = subprocess.run(
        remote.command(machine, shlex.join(["sudo", *command])),
        input=given,
        capture_output=True,
        text=True,
        timeout=SEARCH_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(params=MACHINES)
def baited(lab: Lab, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A machine, and a word that stands there in every place where no secret may: a search that finds nothing fails."""
    machine, word = request.param, secrets.token_hex(16)
    as_root(machine, ["sh", "-ec", LAY], word + "\n")
    try:
        yield machine, word
    finally:
        as_root(machine, ["sh", "-c", TAKE_AWAY], "")


def crash(machine: str) -> None:
    """Has the machine's program fail, and waits until how it failed is in the journal, line by line."""
    options, command, last_words = CRASHES[machine]
    began, unit = machine_time(machine), "millrace-bait-crash"
    run = f"systemd-run --quiet --collect --wait --unit={unit} {options} {shlex.join(command)} || true"
    as_root(machine, ["sh", "-c", run], "")
    said = journal(machine, unit, began)
    assert "Traceback (most recent call last):" in said and last_words in said, said


@pytest.mark.timeout(SEARCH_SECONDS + 60)
def test_no_secret_stands_on_a_machine_where_others_read_it(baited: tuple[str, str]) -> None:
    machine, word = baited
    crash(machine)
    found = as_root(machine, ["python3", "-P", "-c", SEARCH], json.dumps(known_secrets() | {BAIT: word})).splitlines()
    laid = {line for line in found if line.startswith(f"{BAIT} ")}
    assert laid >= {f"{BAIT} {where}" for where in ("cmdline:nobody", "environ:nobody", "journal", FILE)}
    assert set(found) - laid - KNOWN.get(machine, set()) == set()


def test_no_secret_stands_on_the_host_where_others_read_it(lab: Lab) -> None:
    """Arguments of processes, what commands wrote down of Ansible, and what others may read of the lab's folder."""
    sought, folder = words(known_secrets()), state_folder()
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_relative_to(folder / "venv")]
    read = [file for file in files if file.stat().st_mode & 0o044 and not is_shut(file.parent, folder)]
    logs = [file for file in files if file.is_relative_to(folder / "log")]
    assert logs, "no log of a provisioning is here"
    finds = {(name, str(file)) for file in {*read, *logs} for name in names_in(file.read_bytes(), sought)}
    assert finds == set()
    assert {
        name for command in Path("/proc").glob("[0-9]*/cmdline") for name in names_in(arguments_of(command), sought)
    } == set()


def is_shut(folder: Path, top: Path) -> bool:
    """Whether others cannot come into a folder, or into one above it up to the lab's."""
    return any(not one.stat().st_mode & 0o011 for one in (folder, *folder.parents) if one.is_relative_to(top))


def arguments_of(command: Path) -> bytes:
    """A process's arguments; none of one that is gone."""
    try:
        return command.read_bytes()
    except OSError:
        return b""
