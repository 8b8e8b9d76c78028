"""An account of Kafka's as each kind of client wants it, and what its password is never seen in."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from millrace.errors import Refused
from millrace.kafka_account import KafkaAccount, for_spark, properties, read_properties

ACCOUNT = KafkaAccount(address="k:1", user="person", password=SecretStr("hush"))
CA = Path("/ca.pem")
LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="person" password="hush";'


def test_each_kind_of_client_has_its_own_words_for_the_same() -> None:
    assert ACCOUNT.client() == {
        "bootstrap_servers": "k:1",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "person",
        "sasl_plain_password": "hush",
    }
    assert properties(ACCOUNT.java()).splitlines() == [
        "bootstrap.servers=k:1",
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=SCRAM-SHA-512",
        f"sasl.jaas.config={LOGIN}",
    ]
    assert properties(ACCOUNT.librdkafka()).splitlines()[3:] == ["sasl.username=person", "sasl.password=hush"]
    assert for_spark(ACCOUNT.java())["kafka.sasl.jaas.config"] == LOGIN


def test_nobody_says_no_more_than_where() -> None:
    nobody = KafkaAccount(address="k:1")
    assert nobody.client() == {"bootstrap_servers": "k:1", "security_protocol": "PLAINTEXT"}
    assert nobody.java() == nobody.librdkafka() == {"bootstrap.servers": "k:1", "security.protocol": "PLAINTEXT"}
    encrypted = nobody.model_copy(update={"ca": CA})
    assert encrypted.client() == {"bootstrap_servers": "k:1", "security_protocol": "SSL", "ssl_cafile": "/ca.pem"}


def test_who_knows_the_authority_speaks_encrypted_and_verifies() -> None:
    encrypted = ACCOUNT.model_copy(update={"ca": CA})
    assert encrypted.client() == ACCOUNT.client() | {"security_protocol": "SASL_SSL", "ssl_cafile": "/ca.pem"}
    trusted = {"ssl.truststore.type": "PEM", "ssl.truststore.location": "/ca.pem"}
    assert encrypted.java() == ACCOUNT.java() | {"security.protocol": "SASL_SSL"} | trusted
    assert for_spark(encrypted.java())["kafka.ssl.truststore.location"] == "/ca.pem"
    known = {"security.protocol": "SASL_SSL", "ssl.ca.location": "/ca.pem"}
    assert encrypted.librdkafka() == ACCOUNT.librdkafka() | known


def test_on_the_loopback_address_the_password_is_said_plainly() -> None:
    plain = ACCOUNT.model_copy(update={"mechanism": "PLAIN"})
    assert plain.client()["sasl_mechanism"] == "PLAIN"
    assert "plain.PlainLoginModule required" in plain.java()["sasl.jaas.config"]


def test_its_password_masks_itself() -> None:
    assert "hush" not in f"{ACCOUNT!r} {ACCOUNT}"


def test_a_file_of_settings_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text(properties(ACCOUNT.java()))
    assert read_properties(file) == ACCOUNT.java()


def test_a_file_that_is_not_there_or_not_for_this_user_is_told_with_its_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "client.properties"
    with pytest.raises(Refused, match=r"client.properties is missing: `make up` makes it\.$"):
        read_properties(file)
    file.touch()

    def closed(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", closed)
    with pytest.raises(Refused, match=r"is for people who log in on this machine: log in again, or have root say"):
        read_properties(file)
