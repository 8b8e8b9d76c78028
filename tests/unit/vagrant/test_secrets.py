"""The generated secrets: private, stable, and each machine only its own."""

import os
import re
import ssl
import subprocess
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT, ruby

pytestmark = NEEDS_RUBY

OWN = {
    "kafka": {
        "mysql_reader_password",
        "mysql_producer_password",
        "kafka_cluster_id",
        "kafka_broker_password",
        "kafka_admin_password",
        "kafka_producer_password",
        "kafka_stream_password",
        "kafka_reader_password",
        "kafka_person_password",
        "kafka_key",
        "kafka_certificate",
        "ca_certificate",
        "record_key",
    },
    "mysql": {
        "mysql_migrate_password",
        "mysql_spark_password",
        "mysql_superset_password",
        "mysql_reader_password",
        "mysql_producer_password",
        "mysql_key",
        "mysql_certificate",
        "ca_certificate",
    },
    "spark": {
        "mysql_spark_password",
        "mysql_reader_password",
        "notebook_token",
        "spark_secret",
        "ca_certificate",
        "record_key",
        "kafka_stream_password",
        "kafka_person_password",
    },
    "superset": {
        "mysql_superset_password",
        "mysql_reader_password",
        "superset_secret_key",
        "superset_admin_password",
        "superset_viewer_password",
        "superset_key",
        "superset_certificate",
        "ca_certificate",
    },
}
SERVED = {"kafka": 13, "mysql": 14, "superset": 10}
"""Machines with a certificate, and the last number of their address."""


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
    secrets = {name: value for name, value in secrets.items() if not value.startswith("-----BEGIN ")}
    assert all(re.fullmatch(r"[A-Za-z0-9]{32}", value) for value in secrets.values())
    assert len(set(secrets.values())) == len(secrets)


def is_known(machine: str, own: dict[str, str], authority: str, address: str, folder: Path) -> bool:
    """Whether a client that trusts the authority takes that server for the one at the address."""
    pem = folder / "server.pem"
    pem.write_text(own[f"{machine}_key"] + own[f"{machine}_certificate"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=authority)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=address)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return ours.version() is not None


@pytest.mark.parametrize(("machine", "number"), SERVED.items())
def test_a_client_knows_this_labs_servers_by_their_certificates(
    checkout: Path, tmp_path: Path, machine: str, number: int
) -> None:
    known = partial(is_known, machine, folder=tmp_path)
    write(checkout)
    authority = (checkout / ".lab" / "ca.pem").read_text()
    first = read(checkout / ".lab" / "secrets" / f"{machine}.yml")
    assert known(first, authority, f"192.168.33.{number}")
    assert known(first, authority, machine)
    assert not known(first, authority, "192.168.33.12")
    (checkout / "lab.local.yml").write_text("subnet: 192.168.34\n")
    write(checkout)
    second = read(checkout / ".lab" / "secrets" / f"{machine}.yml")
    assert (checkout / ".lab" / "ca.pem").read_text() == authority
    assert known(second, authority, f"192.168.34.{number}")
    assert not known(second, authority, f"192.168.33.{number}")
    (checkout / ".lab" / "secrets.yml").unlink()
    write(checkout)
    assert not known(second, (checkout / ".lab" / "ca.pem").read_text(), f"192.168.34.{number}")


def test_the_brokers_key_is_written_as_kafka_reads_it(checkout: Path) -> None:
    """In PKCS #8: of keys in PEM it knows no other."""
    write(checkout)
    assert read(checkout / ".lab" / "secrets" / "kafka.yml")["kafka_key"].startswith("-----BEGIN PRIVATE KEY-----\n")


def test_real_hosts_are_told_to_make_the_same(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "real-hosts.md").read_text()
    (block,) = (one for one in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S) if "millrace-secrets" in one)
    subprocess.run(["bash", "-euc", block], check=True, env={**os.environ, "HOME": str(tmp_path)})
    folder = tmp_path / "millrace-secrets"
    made = {file.stem: yaml.safe_load(file.read_text()) for file in folder.glob("*.yml")}
    assert {machine: set(values) for machine, values in made.items()} == OWN
    assert made["spark"]["mysql_spark_password"] == made["mysql"]["mysql_spark_password"]
    assert re.fullmatch(r"M[\w-]{21}", made["kafka"]["kafka_cluster_id"])
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    for machine, number in SERVED.items():
        assert is_known(machine, made[machine], made["spark"]["ca_certificate"], f"10.20.30.{number}", tmp_path)
        assert made[machine][f"{machine}_key"].startswith("-----BEGIN PRIVATE KEY-----\n")
