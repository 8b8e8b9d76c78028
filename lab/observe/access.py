"""How a command reaches the services from where it runs: addresses, and the read-only account."""

import socket
from pathlib import Path

from pydantic import SecretStr

from lab.location import is_host, state_folder
from lab.sentences import general as sentences
from millrace.errors import Refused, disk_full_of
from millrace.kafka_account import AUTHORITY, KafkaAccount
from millrace.settings import Settings, load_lab
from millrace.yaml_file import read_yaml
from sql.connection import is_answer

PROBE_SECONDS = 1.5
KAFKA_PORT = 9092


def secrets_file() -> Path:
    """Where the host keeps what the first `vagrant up` generated."""
    return state_folder() / "secrets.yml"


def secret(name: str) -> str:
    """One generated secret, on the host."""
    file = secrets_file()
    if not file.is_file():
        raise Refused(sentences.NO_SECRETS.format(file=file))
    known = read_yaml(file)
    if name not in known:
        raise Refused(sentences.INCOMPLETE_SECRETS.format(file=file, name=name))
    return str(known[name])


def kafka_account(user: str) -> KafkaAccount:
    """On the host: one of Kafka's accounts."""
    lab = load_lab()
    return KafkaAccount(
        address=f"{lab.address('kafka')}:{KAFKA_PORT}",
        user=user,
        password=SecretStr(secret(f"kafka_{user}_password")),
        ca=authority() if lab.encrypts else None,
    )


def authority() -> Path:
    """Who has signed the lab's certificates; Refused on a host where no lab was made."""
    file = state_folder() / "ca.pem" if is_host() else AUTHORITY
    if not file.is_file():
        raise Refused(sentences.NO_SECRETS.format(file=file))
    return file


def settings() -> Settings:
    """On the host: lab.yml's addresses, the readers' passwords, whom to trust. Inside a machine: its environment."""
    if not is_host():
        return Settings.from_environment()
    lab, reads = load_lab(), kafka_account("reader")
    return Settings(
        kafka=reads.address,
        kafka_password=reads.password,
        kafka_ca=reads.ca,
        mysql_host=lab.address("mysql"),
        mysql_user="reader",
        mysql_ca=authority(),
        mysql_password=SecretStr(secret("mysql_reader_password")),
        record_key=SecretStr(secret("record_key")),
    )


def answers(host: str, port: int, *, seconds: float = PROBE_SECONDS) -> bool:
    """Whether something accepts a connection there."""
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False


def check_mysql(of: Settings) -> None:
    """Refused where nothing listens at MySQL's address."""
    if not answers(of.mysql_host, of.mysql_port):
        raise refusal(of, None)


def refusal(of: Settings, error: BaseException | None) -> Refused:
    """One sentence for what MySQL has answered, or for that it has not."""
    if error is None or not is_answer(error):
        return Refused(sentences.MYSQL_DOWN.format(address=f"{of.mysql_host}:{of.mysql_port}"))
    return Refused(disk_full_of(str(error), "mysql") or sentences.MYSQL_REFUSED.format(why=error))
