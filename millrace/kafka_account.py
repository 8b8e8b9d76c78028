"""An account of Kafka's, written as each kind of client wants it."""

from getpass import getuser
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr

from millrace.errors import Refused
from millrace.strict_model import Strict

PEOPLES = Path("/etc/millrace/client.properties")
"""On the kafka and spark machines: the account of people, as KafkaAccount.java gives it."""
AUTHORITY = Path("/etc/millrace/ca.pem")
"""On every machine: who has signed the lab's certificates."""
LOGIN_MODULES = {
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
}


class KafkaAccount(Strict):
    """Where the broker is, and as whom to speak to it. The password masks itself when printed."""

    address: str = Field(description="host:port")
    user: str = Field(default="", description="empty: nobody, to whom the lab's broker does not listen")
    password: SecretStr = SecretStr("")
    ca: Path | None = Field(
        default=None, description="PEM file of who must have signed the broker's certificate; none: no TLS"
    )
    mechanism: Literal["SCRAM-SHA-512", "PLAIN"] = Field(
        default="SCRAM-SHA-512", description="PLAIN: on the loopback address of the broker's machine alone"
    )

    @property
    def protocol(self) -> str:
        """How Kafka calls it: with a log-in or without, encrypted or not."""
        return ("SASL_" if self.user else "") + ("SSL" if self.ca else "PLAINTEXT")

    def client(self) -> dict[str, Any]:
        """The arguments of a client of kafka-python's."""
        client_settings = {"bootstrap_servers": self.address, "security_protocol": self.protocol}
        if self.ca:
            client_settings["ssl_cafile"] = str(self.ca)
        if not self.user:
            return client_settings
        return {
            **client_settings,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password.get_secret_value(),
        }

    def java(self) -> dict[str, str]:
        """The settings of Kafka's own clients, as in a file `client.properties`."""
        client_settings = {"bootstrap.servers": self.address, "security.protocol": self.protocol}
        if self.ca:
            client_settings |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(self.ca)}
        if not self.user:
            return client_settings
        login = f'username="{self.user}" password="{self.password.get_secret_value()}"'
        return {
            **client_settings,
            "sasl.mechanism": self.mechanism,
            "sasl.jaas.config": f"{LOGIN_MODULES[self.mechanism]} required {login};",
        }

    def librdkafka(self) -> dict[str, str]:
        """The settings of kcat and other clients made with librdkafka."""
        client_settings = {"bootstrap.servers": self.address, "security.protocol": self.protocol}
        if self.ca:
            client_settings["ssl.ca.location"] = str(self.ca)
        if not self.user:
            return client_settings
        return {
            **client_settings,
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.user,
            "sasl.password": self.password.get_secret_value(),
        }


def for_spark(java: dict[str, str]) -> dict[str, str]:
    """The options of Spark's Kafka source, of settings as KafkaAccount.java gives them."""
    return {f"kafka.{name}": value for name, value in java.items()}


def read_properties(file: Path) -> dict[str, str]:
    """The settings that stand in such a file; Refused where it is not there, or not for this user."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise Refused(f"{file} is missing: `make up` makes it.") from None
    except PermissionError:
        raise Refused(
            f"{file} is for people who log in on this machine: log in again, or have root say"
            f" `adduser {getuser()} {file.group()}`."
        ) from None
    return dict(line.split("=", 1) for line in lines if "=" in line)


def properties(settings: dict[str, str]) -> str:
    """The text of a file of settings."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
