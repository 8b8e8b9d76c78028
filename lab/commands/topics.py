"""`millrace topics`: makes the topics that the contracts ask for; Ansible calls it on the kafka machine."""

from typing import Annotated

import typer

from lab.screen.output import print_json, say
from lab.words import general as words
from millrace.broker import Broker
from millrace.contract.contract import load_contract
from millrace.settings import Settings, load_lab


def topics(as_json: Annotated[bool, typer.Option("--json", help="{created: […]} for scripts")] = False) -> None:
    """Creates the topics of the feeds in lab.yml that are missing."""
    broker = Broker(Settings.from_environment().kafka)
    created = broker.ensure_topics([load_contract(feed) for feed in load_lab().feeds])
    broker.close()
    if as_json:
        print_json({"created": created})
    else:
        say(words.TOPICS_CREATED.format(names=", ".join(created)) if created else words.TOPICS_THERE)
