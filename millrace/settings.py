"""Settings: lab.yml as a model, and the environment, read here and nowhere else."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, StrictBool, field_validator, model_validator

from millrace.errors import Refused
from millrace.feed_names import known_feeds, nearest
from millrace.kafka_account import KafkaAccount
from millrace.lab_files import lab_files, merged_lab
from millrace.strict_model import Strict, validated


class Machine(Strict):
    """One machine of the lab."""

    address: int = Field(ge=2, le=254, description="last number on the subnet")
    memory: int = Field(ge=512, description="MB")
    cpus: int = Field(ge=1)
    disk: int = Field(default=20, ge=8, description="GB that what grows may be sized by; a box's disk has 20")
    box: str = Field(description="the Debian release its box is made of")

    def share_of_disk(self, share: float) -> int:
        """Bytes that something may take which grows."""
        return int(self.disk * 2**30 * share)


class Simulator(Strict):
    """A feed's made-up records, see feeds/<feed>/simulator.py."""

    seed: int = Field(default=1, description="other seed, other data")
    first: int = Field(default=0, ge=0, description="records sent at first; 0: the feed's sample is sent instead")
    per_second: float = Field(default=0, ge=0, le=1000, description="then added; 0: none")
    halves_every: int = Field(default=250_000, ge=1000, description="after each so many added, half as fast")


class Poller(Strict):
    """A live source that is asked on a schedule, and what stands in for it."""

    source: Literal["auto", "live", "simulated"] = Field(
        default="auto", description="auto: live while the publisher answers, else simulated"
    )
    every: int = Field(default=600, ge=60, le=86_400, description="seconds between two rounds")


class Lab(Strict):
    """lab.yml, with lab.local.yml over it."""

    provider: Literal["auto", "virtualbox", "libvirt", "lxc"] = "auto"
    cache: str = Field(default="", description="folder for downloads; empty: millrace in the user's cache folder")
    subnet: str = Field(description="the first three numbers of the private network, a /24")
    clients: tuple[IPv4Network, ...] = Field(
        default=(), description="addresses or networks beside this host that may use the services"
    )
    encrypt: Literal["auto"] | StrictBool = Field(
        default="auto", description="TLS for Kafka, HTTPS for Superset; auto: on real hosts, whose playbooks say true"
    )
    machines: dict[str, Machine]
    boxes: dict[str, dict[str, Any]] = Field(default={}, description="per provider: a file or url, and its sha256")
    feeds: tuple[str, ...] = Field(default=(), description="switched on")
    typing: Literal["all"] | tuple[str, ...] = Field(
        default="all", description="feeds into whose topics people may type records"
    )
    begin_empty: tuple[str, ...] = Field(default=(), description="feeds whose sample is not sent: theirs are real rows")
    simulators: dict[str, Simulator] = Field(default={}, description="made-up records, by feed")
    pollers: dict[str, Poller] = Field(default={}, description="live sources, by feed")

    @field_validator("subnet")
    @classmethod
    def _is_private(cls, subnet: str) -> str:
        try:
            is_private = subnet.count(".") == 2 and IPv4Network(f"{subnet}.0/24").is_private
        except ValueError:
            is_private = False
        if not is_private:
            raise ValueError(f"{subnet!r} is not the start of a private /24 network, such as 192.168.33")
        return subnet

    @model_validator(mode="after")
    def _feeds_exist(self) -> "Lab":
        twice = sorted({feed for feed in self.feeds if self.feeds.count(feed) > 1})
        if twice:
            raise ValueError(f"feeds: {', '.join(twice)} stands twice")
        named = {key: getattr(self, key) for key in ("feeds", "begin_empty", "simulators", "pollers")}
        named["typing"] = self.typed(())
        for key, names in named.items():
            for name in names:
                if name not in known_feeds():
                    raise ValueError(f"{key}: there is no feed {name!r}; {nearest(name, known_feeds())}")
        return self

    @property
    def encrypts(self) -> bool:
        """Whether Kafka and Superset speak over the network encrypted only."""
        return self.encrypt is True

    def typed(self, feeds: tuple[str, ...]) -> tuple[str, ...]:
        """Those that people may type into, where all are `feeds`."""
        return feeds if self.typing == "all" else self.typing

    def simulator(self, feed: str) -> Simulator:
        """How a feed is simulated; without an entry it is not."""
        return self.simulators.get(feed, Simulator())

    def address(self, machine: str) -> str:
        """A machine's address on the lab's network."""
        if machine not in self.machines:
            raise Refused(f"There is no machine {machine!r}; {nearest(machine, tuple(self.machines))}")
        return f"{self.subnet}.{self.machines[machine].address}"


class Settings(Strict):
    """Where the services are, and as whom to speak to them. Secrets mask themselves when printed."""

    kafka: str = Field(default="127.0.0.1:9092", description="MILLRACE_KAFKA, host:port")
    kafka_user: str = Field(default="reader", description="MILLRACE_KAFKA_USER")
    kafka_password: SecretStr = Field(default=SecretStr(""), description="MILLRACE_KAFKA_PASSWORD (secret)")
    kafka_producer_password: SecretStr = Field(
        default=SecretStr(""), description="MILLRACE_KAFKA_PRODUCER_PASSWORD (secret), of the account that writes"
    )
    kafka_admin_password: SecretStr = Field(
        default=SecretStr(""), description="MILLRACE_KAFKA_ADMIN_PASSWORD (secret), of the account that makes topics"
    )
    kafka_ca: Path | None = Field(
        default=None,
        description="MILLRACE_KAFKA_CA, PEM file of who must have signed Kafka's certificate; none: no TLS",
    )
    mysql_host: str = Field(default="127.0.0.1", description="MILLRACE_MYSQL_HOST")
    mysql_port: int = Field(default=3306, description="MILLRACE_MYSQL_PORT")
    mysql_database: str = Field(default="millrace", description="MILLRACE_MYSQL_DATABASE")
    mysql_user: str = Field(default="reader", description="MILLRACE_MYSQL_USER")
    mysql_password: SecretStr = Field(default=SecretStr(""), description="MILLRACE_MYSQL_PASSWORD (secret)")
    mysql_ca: Path | None = Field(
        default=None,
        description="MILLRACE_MYSQL_CA, PEM file of who must have signed MySQL's certificate; none: anybody",
    )
    lake_dir: Path = Field(default=Path("/var/lib/spark/lake"), description="MILLRACE_LAKE_DIR, the Parquet lake")
    mysql_producer_password: SecretStr = Field(
        default=SecretStr(""), description="MILLRACE_MYSQL_PRODUCER_PASSWORD (secret), of the account producer"
    )
    record_key: SecretStr = Field(
        default=SecretStr(""), max_length=64, description="MILLRACE_RECORD_KEY (secret), that events are sealed with"
    )
    state_dir: Path = Field(default=Path("/var/lib/millrace"), description="MILLRACE_STATE_DIR, journal and spool")
    publishers: str = Field(default="", description="MILLRACE_PUBLISHERS, tests only: one server for all")

    @property
    def kafka_account(self) -> KafkaAccount:
        """As whom Kafka is asked where nothing else is said."""
        return self._account(self.kafka_user, self.kafka_password)

    def kafka_as(self, user: Literal["producer", "admin"]) -> KafkaAccount:
        """The account for what that one may do and the common one may not."""
        passwords = {"producer": self.kafka_producer_password, "admin": self.kafka_admin_password}
        return self._account(user, passwords[user])

    def _account(self, user: str, password: SecretStr) -> KafkaAccount:
        return KafkaAccount(address=self.kafka, user=user, password=password, ca=self.kafka_ca)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings whose MILLRACE_… variable is set, or stands in a unit's credentials; defaults for the others."""
        names = {f"MILLRACE_{name.upper()}": name for name in cls.model_fields}
        variables = {**_credentials(environment), **environment}
        given = {names[key]: value for key, value in variables.items() if key in names}
        return validated(cls, given, "the environment")


def _credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """The lines NAME=VALUE of each *.env that systemd lays down for a unit with LoadCredential; none outside."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    files = sorted(Path(folder).glob("*.env")) if folder else []
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def load_lab(path: Path | None = None) -> Lab:
    """The lab that millrace.lab_files finds, from `path` if that is given."""
    return validated(Lab, merged_lab(path), lab_files(path)[0].name)


def lab_changed_at() -> datetime:
    """When the lab's settings were last written."""
    return datetime.fromtimestamp(max(file.stat().st_mtime for file in lab_files()), UTC)
