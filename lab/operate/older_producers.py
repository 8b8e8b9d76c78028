"""Producers of a release that did not seal, and where what they have sent ends."""

from contextlib import closing, suppress
from pathlib import Path

from millrace.kafka.broker import Broker
from millrace.settings import Settings
from sql.seals import Ends

OURS, KEYED = b"\0MILLRACE_KAFKA=", b"\0MILLRACE_RECORD_KEY="
"""Of the environment that whatever sends was started with: once the first alone, then both, today neither."""


def older_producers(proc: Path = Path("/proc")) -> list[int]:
    """Processes of this user that began before they could have had the key."""
    found = []
    for process in proc.glob("[0-9]*"):
        with suppress(OSError):  # another user's, or gone
            environment = b"\0" + (process / "environ").read_bytes()
            if OURS in environment and KEYED not in environment:
                found.append(int(process.name))
    return sorted(found)


def topic_ends(settings: Settings) -> Ends:
    """By topic UUID and partition, where every topic ends now."""
    with closing(Broker(settings.kafka_account)) as broker:
        uuids = {topic: broker.topic_uuid(topic) for topic in broker.topics() if not topic.startswith("__")}
        return {uuid: broker.latest_offsets(topic) for topic, uuid in uuids.items() if uuid}
