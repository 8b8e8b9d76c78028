"""`millrace topics`: makes the topics that the contracts ask for; Ansible calls it on the kafka machine."""

from typing import Annotated

import typer

from feeds.contract import load_contract
from feeds.kafka import Broker
from feeds.settings import Settings, load_lab
from lab import words
from lab.screen import print_json, say


def topics(as_json: Annotated[bool, typer.Option("--json", help="{created: […]} for scripts")] = False) -> None:
    """Creates the topics of the feeds in lab.yml that are missing."""
    broker = Broker(Settings.from_environment().kafka)
    created = broker.ensure_topics([load_contract(feed) for feed in load_lab().feeds])
    broker.close()
    if as_json:
        print_json({"created": created})
    else:
        say(words.TOPICS_CREATED.format(names=", ".join(created)) if created else words.TOPICS_THERE)
