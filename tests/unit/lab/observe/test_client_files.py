"""What a person's own clients of Kafka read: whole, of this lab, and closed to everybody else."""

from pathlib import Path

import pytest
import yaml

from lab.observe import access, client_files
from millrace.errors import Refused

MISSING = r"secrets.yml has no kafka_person_password: `make up` adds it, and tells the machines\.$"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (access, client_files):
        monkeypatch.setattr(module, "state_folder", lambda: tmp_path)
    return tmp_path / "secrets.yml"


def test_each_library_has_a_file_that_only_its_owner_reads(secrets: Path) -> None:
    secrets.write_text(yaml.safe_dump({"kafka_person_password": "hush"}))
    java, kcat = client_files.write_client_files()
    assert 'username="person" password="hush"' in java.read_text()
    assert "sasl.username=person\nsasl.password=hush\n" in kcat.read_text()
    assert [file.stat().st_mode & 0o777 for file in (java, kcat)] == [0o600, 0o600]


def test_a_file_that_was_open_is_closed(secrets: Path) -> None:
    secrets.write_text(yaml.safe_dump({"kafka_person_password": "hush"}))
    (secrets.parent / "kcat.conf").touch(0o644)
    assert client_files.write_client_files()[1].stat().st_mode & 0o777 == 0o600


def test_a_lab_made_before_kafka_had_accounts_is_told_what_to_do(secrets: Path) -> None:
    secrets.write_text(yaml.safe_dump({"mysql_reader_password": "hush"}))
    with pytest.raises(Refused, match=MISSING):
        client_files.write_client_files()
