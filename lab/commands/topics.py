"""`millrace topics`: makes the topics of the contracts, as large as the disk allows; Ansible calls it on kafka."""

from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from lab.operate.sender import committed
from lab.screen.output import print_json, say
from lab.sentences import general as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import changes, retention_bytes
from millrace.settings import Settings, load_lab


def topics(
    as_json: Annotated[bool, typer.Option("--json", help="for scripts: {created, resized}")] = False,
) -> None:
    """Creates the topics of the feeds in lab.yml that are missing, and fits all to the disk."""
    settings, lab = Settings.from_environment(), load_lab()
    contracts = [load_contract(feed) for feed in lab.feeds]
    sizes = retention_bytes(lab, contracts)
    broker = Broker(settings.kafka_as("admin"))
    created = broker.ensure_topics(contracts, sizes)
    kept = broker.sizes([topic for topic in broker.topics() if topic in sizes])
    resized = broker.resize_topics(changes(lab, kept, contracts), partial(_committed, settings))
    broker.close()
    if as_json:
        print_json({"created": created, "resized": resized})
    else:
        say(sentences.TOPICS_CREATED.format(names=", ".join(created)) if created else sentences.TOPICS_THERE)
        if resized:
            say(sentences.TOPICS_RESIZED.format(names=", ".join(resized)))


def _committed(settings: Settings, feed: str) -> dict[int, int]:
    """While MySQL cannot say what was read, nothing counts as read."""
    with suppress(Refused):
        return committed(settings, feed)
    return {}
