"""What a peer is told: where the records are, and where they go."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
from pydantic import SecretStr

from millrace.kafka_account import KafkaAccount
from millrace.strict_model import Strict

TABLE = "rate"
VARIABLE = "MILLRACE_BENCH_TASK"


class Task(Strict):
    """Records of a topic from the offsets `first` to before `ends`, by partition, and the table TABLE of a database.

    They are those of `file`, under the identity `source`. `folder` is the run's own, for this user alone, and gone
    afterwards.
    """

    kafka: KafkaAccount
    topic: str
    first: dict[int, int]
    ends: dict[int, int]
    file: Path
    source: int
    mysql_host: str
    mysql_port: int
    user: str
    password: SecretStr
    database: str
    folder: Path

    @property
    def rows(self) -> int:
        """How many records there are."""
        return sum(self.ends.values()) - sum(self.first.values())

    def mysql(self) -> dict[str, Any]:
        """The arguments of MySQL's connector in Python."""
        return {
            "host": self.mysql_host,
            "port": self.mysql_port,
            "user": self.user,
            "password": self.password.get_secret_value(),
            "database": self.database,
        }

    @property
    def jdbc(self) -> str:
        """The address for Java. Without rewriting, each row of a batch would be a statement of its own."""
        return f"jdbc:mysql://{self.mysql_host}:{self.mysql_port}/{self.database}?rewriteBatchedStatements=true"


@dataclass(frozen=True)
class Start:
    """How a peer's process is started; a password stands in `environment` or in a file, never in `command`."""

    command: list[str]
    environment: dict[str, str]


class Peer(Protocol):
    """A module of this package."""

    NAME: str
    """As it stands in the table."""

    def ready(self) -> None:
        """Installs what it needs into the user's cache, once. Refused, with the obstacle, where that cannot be."""

    def start(self, task: Task) -> Start:
        """Writes what its process reads into the task's folder."""


def in_environment(task: Task) -> dict[str, str]:
    """The task for a process of Python: nobody else reads its environment."""
    return {VARIABLE: orjson.dumps(task.model_dump(), default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()}


def from_environment() -> Task:
    """The other end of it."""
    return Task.model_validate(orjson.loads(os.environ[VARIABLE]))


def write_secret(file: Path, text: str) -> Path:
    """A file that only this user reads."""
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return file


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)
