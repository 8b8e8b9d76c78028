"""The generated secrets: private, stable, and each machine only its own."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.unit.test_vagrantfile import ROOT, ruby

pytestmark = pytest.mark.skipif(shutil.which("ruby") is None, reason="no ruby on this host: `make up` installs it")

OWN = {
    "kafka": {"mysql_reader_password", "mysql_producer_password", "kafka_cluster_id"},
    "mysql": {
        "mysql_migrate_password",
        "mysql_spark_password",
        "mysql_superset_password",
        "mysql_reader_password",
        "mysql_producer_password",
    },
    "spark": {"mysql_spark_password", "mysql_reader_password", "notebook_token"},
    "superset": {
        "mysql_superset_password",
        "mysql_reader_password",
        "superset_secret_key",
        "superset_admin_password",
        "superset_viewer_password",
    },
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose secrets are not made yet."""
    shutil.copy(ROOT / "lab.yml", tmp_path / "lab.yml")
    return tmp_path


def write(checkout: Path) -> None:
    """What `vagrant up` does first."""
    script = f"require '{ROOT}/vagrant/lab'; Millrace::Secrets.new(Millrace::Lab.new('{checkout}')).write"
    done = ruby("-e", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def read(file: Path) -> dict[str, str]:
    """Secrets as they stand in a file."""
    found: dict[str, str] = yaml.safe_load(file.read_text())
    return found


def test_each_machine_gets_only_its_own(checkout: Path) -> None:
    write(checkout)
    everything = read(checkout / ".lab" / "secrets.yml")
    for machine, names in OWN.items():
        assert read(checkout / ".lab" / "secrets" / f"{machine}.yml") == {name: everything[name] for name in names}


def test_files_are_the_owners_alone(checkout: Path) -> None:
    write(checkout)
    for file in [checkout / ".lab" / "secrets.yml", *(checkout / ".lab" / "secrets").iterdir()]:
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_time_changes_nothing_and_a_missing_one_is_added(checkout: Path) -> None:
    write(checkout)
    file = checkout / ".lab" / "secrets.yml"
    first = read(file)
    write(checkout)
    assert read(file) == first
    file.write_text(yaml.safe_dump({key: value for key, value in first.items() if key != "mysql_spark_password"}))
    write(checkout)
    second = read(file)
    assert second.pop("mysql_spark_password") != first.pop("mysql_spark_password")
    assert second == first


def test_passwords_are_long_and_the_cluster_id_fits_kafka(checkout: Path) -> None:
    write(checkout)
    secrets = read(checkout / ".lab" / "secrets.yml")
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{21}", secrets.pop("kafka_cluster_id"))
    assert all(re.fullmatch(r"[A-Za-z0-9]{32}", value) for value in secrets.values())
    assert len(set(secrets.values())) == len(secrets)
