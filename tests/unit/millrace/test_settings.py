"""lab.yml and the environment."""

from pathlib import Path

import pytest
import yaml

from millrace.errors import Refused
from millrace.lab_files import CHECKOUT
from millrace.settings import Settings, load_lab

LAB = yaml.safe_load((CHECKOUT / "lab.yml").read_text(encoding="utf-8"))


def lab_file(folder: Path, **changes: object) -> Path:
    file = folder / "lab.yml"
    file.write_text(yaml.safe_dump({**LAB, **changes}), encoding="utf-8")
    return file


def test_the_lab_of_the_checkout_is_understood(tmp_path: Path) -> None:
    lab = load_lab(lab_file(tmp_path))
    assert lab.address("kafka") == "192.168.33.13"
    assert lab.simulator("insurance_rate").first == 200_000
    assert lab.simulator("insurance_network").per_second == 0


def test_an_unknown_machine_is_told_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^There is no machine 'kafak'; did you mean kafka\?$"):
        load_lab(lab_file(tmp_path)).address("kafak")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subnett": "192.168.56"}, "lab.yml: the key subnett is unknown; did you mean subnet?"),
        (
            {"simulators": {"insurance_rate": {"sead": 1}}},
            "lab.yml: the key simulators.insurance_rate.sead is unknown; did you mean seed?",
        ),
        (
            {"simulators": {"insurance_rates": {}}},
            "lab.yml: simulators: there is no feed 'insurance_rates'; did you mean insurance_rate?",
        ),
        ({"feeds": ["nothing"]}, "lab.yml: feeds: there is no feed 'nothing'; known are "),
        ({"feeds": ["insurance_rate"] * 2}, "lab.yml: feeds: insurance_rate stands twice."),
        (
            {"subnet": "8.8.8"},
            "lab.yml: subnet: '8.8.8' is not the start of a private /24 network, such as 192.168.33.",
        ),
        (
            {"subnet": "192.168.333"},
            "lab.yml: subnet: '192.168.333' is not the start of a private /24 network, such as 192.168.33.",
        ),
        ({"typing": ["sails"]}, "lab.yml: typing: there is no feed 'sails'; did you mean sales?"),
        (
            {"machines": {"kafka": {"adress": 1}}},
            "lab.yml: the key machines.kafka.adress is unknown; did you mean address?",
        ),
    ],
)
def test_a_wrong_lab_is_told_file_key_and_mend(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused) as refused:
        load_lab(lab_file(tmp_path, **changes))
    assert str(refused.value).startswith(said)


def test_the_environment_fills_the_settings_and_secrets_mask_themselves() -> None:
    environment = {
        "MILLRACE_KAFKA": "k:1",
        "MILLRACE_MYSQL_PORT": "3307",
        "MILLRACE_MYSQL_PASSWORD": "hush",
        "MILLRACE_KAFKA_USER": "stream",
        "MILLRACE_KAFKA_PASSWORD": "hush",
        "MILLRACE_KAFKA_PRODUCER_PASSWORD": "hush",
        "HOME": "/",
    }
    settings = Settings.from_environment(environment)
    assert (settings.kafka, settings.mysql_port, settings.state_dir) == ("k:1", 3307, Path("/var/lib/millrace"))
    assert "hush" not in repr(settings)
    assert settings.mysql_password.get_secret_value() == "hush"
    reads, writes = settings.kafka_account, settings.kafka_as("producer")
    assert (reads.address, reads.user, reads.password.get_secret_value()) == ("k:1", "stream", "hush")
    assert (writes.address, writes.user, writes.password.get_secret_value()) == ("k:1", "producer", "hush")


def test_only_true_encrypts_and_text_is_no_answer(tmp_path: Path) -> None:
    """Ansible and the machines read the same file: what is no boolean would mean something else there."""
    found = {encrypt: load_lab(lab_file(tmp_path, encrypt=encrypt)).encrypts for encrypt in ("auto", False, True)}
    assert found == {"auto": False, False: False, True: True}
    with pytest.raises(Refused, match=r"^lab\.yml: encrypt"):
        load_lab(lab_file(tmp_path, encrypt="true"))


def test_a_client_of_kafka_encrypts_where_the_environment_names_an_authority() -> None:
    plain, encrypted = Settings(), Settings.from_environment({"MILLRACE_KAFKA_CA": "/ca.pem"})
    assert (plain.kafka_account.ca, plain.kafka_as("admin").ca) == (None, None)
    assert (encrypted.kafka_account.ca, encrypted.kafka_as("admin").ca) == (Path("/ca.pem"), Path("/ca.pem"))


def test_passwords_come_from_a_units_credentials_and_what_the_environment_says_goes_before(tmp_path: Path) -> None:
    (tmp_path / "lab.env").write_text("MILLRACE_KAFKA=k:1\nMILLRACE_KAFKA_PASSWORD=hush=\nMILLRACE_STATE_DIR=/far\n")
    (tmp_path / "kafka-admin.env").write_text("MILLRACE_KAFKA_ADMIN_PASSWORD=husher\n")
    (tmp_path / "secrets.yml").write_text("MILLRACE_MYSQL_HOST=nowhere\n")
    settings = Settings.from_environment({"CREDENTIALS_DIRECTORY": str(tmp_path), "MILLRACE_STATE_DIR": "/near"})
    assert (settings.kafka, settings.state_dir, settings.mysql_host) == ("k:1", Path("/near"), "127.0.0.1")
    assert settings.kafka_account.password.get_secret_value() == "hush="
    assert settings.kafka_as("admin").password.get_secret_value() == "husher"


def test_people_may_type_into_all_feeds_or_into_those_that_are_named(tmp_path: Path) -> None:
    assert load_lab(lab_file(tmp_path)).typed(("sales", "weather")) == ("sales", "weather")
    assert load_lab(lab_file(tmp_path, typing=["sales"])).typed(("sales", "weather")) == ("sales",)
    assert load_lab(lab_file(tmp_path, typing=[])).typed(("sales", "weather")) == ()
