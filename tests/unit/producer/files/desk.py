"""A shop's files, and all that sending one needs."""

from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from millrace.contract.contract import Contract, FileLayout
from millrace.errors import Refused
from millrace.record.identity import file_source
from producer.files.send_file import SendResult, send_spooled
from producer.files.spool import spool
from producer.kafka.held_records import HeldRecords
from producer.kafka.journal import Journal
from producer.kafka.outlet import Outlet
from tests.unit.producer.memory_kafka import OneTopic
from tests.unit.producer.memory_topic import MemoryPublisher
from tests.unit.spark.records import SEAL

CONTRACT = Contract.model_validate(
    {
        "feed": "shop",
        "title": "Shop",
        "description": "Sales",
        "family": "sales",
        "mode": "append",
        "ignore": ["", "Unnamed: 0"],
        "columns": [
            {"from": "Day", "name": "day", "type": "text", "required": True, "comment": "Day"},
            {"from": "Item", "name": "item", "type": "text", "required": True, "comment": "Item"},
            {"from": "Note", "name": "note", "type": "text", "comment": "Note"},
        ],
    }
)
JSON_CONTRACT = CONTRACT.model_copy(
    update={"source": FileLayout(formats=("csv", "json", "jsonl"), records="sales", other_delimiters=(";", "\t"))}
)


@dataclass
class Desk(OneTopic):
    """Everything a send needs, in memory and a temporary folder."""

    folder: Path
    journal: Journal
    broker: MemoryPublisher = field(default_factory=MemoryPublisher)
    uuid: str | None = "first"
    loaded: set[int] = field(default_factory=set)
    """Sources of which MySQL has something."""

    def send(self, content: bytes | str, name: str = "x.csv", contract: Contract = CONTRACT, **how: Any) -> SendResult:
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.send_path(file, contract=contract, **how)

    def begin(self, content: str, **how: Any) -> int:
        """The source of a file of which Kafka gets nothing."""
        self.broker.fail_after = len(self.broker.events)
        with pytest.raises(Refused, match="stopped answering"):
            self.send(content, **how)
        self.broker.fail_after = None
        return file_source(CONTRACT.feed, sha256(content.encode()).hexdigest())

    def send_path(self, file: Path, contract: Contract = CONTRACT, **how: Any) -> SendResult:
        return send_spooled(contract, spool(file, self.folder / "spool"), self.outlet, **how)

    @property
    def outlet(self) -> Outlet:
        is_loaded = lambda entry: entry.source in self.loaded  # noqa: E731
        return Outlet(
            lambda _feed: self.broker, self, self.journal, SEAL, holds=HeldRecords(self, self), is_loaded=is_loaded
        )

    @property
    def rows(self) -> list[int]:
        return sorted(event["row"] for event in self.events)


def many(rows: int) -> str:
    return "Day,Item\n" + "".join(f"{row},item\n" for row in range(1, rows + 1))


def contract_with(column: dict[str, Any], **more: Any) -> Contract:
    known = CONTRACT.model_dump(by_alias=True, exclude_defaults=True)
    known["columns"] = [*known["columns"], column]
    return Contract.model_validate(known | {"source": JSON_CONTRACT.source.model_dump()} | more)


def sent(desk: Desk, content: bytes | str, name: str = "x.json", contract: Contract = JSON_CONTRACT) -> list[Any]:
    """The data of each event, or why and the raw bytes."""
    desk.send(content, name=name, contract=contract)
    return [e.get("data") or (e["why"], b64decode(e["raw"])) for e in sorted(desk.events, key=lambda e: e["row"])]


def refusal(desk: Desk, content: bytes | str, name: str = "x.json", contract: Contract = JSON_CONTRACT) -> str:
    with pytest.raises(Refused) as refused:
        desk.send(content, name=name, contract=contract)
    assert desk.broker.events == []
    assert list((desk.folder / "spool").iterdir()) == []
    return str(refused.value)
