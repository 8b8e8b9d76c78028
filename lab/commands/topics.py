"""`millrace topics`: makes the topics that the contracts ask for; Ansible calls it on the kafka machine."""

from typing import Annotated

import typer
from producer.topics import ensure_topics

from feeds.settings import Settings, load_lab
from lab.screen import print_json, say


def topics(as_json: Annotated[bool, typer.Option("--json", help="{created: […]} for scripts")] = False) -> None:
    """Creates missing topics and settles the partitions and retention of the others."""
    created = ensure_topics(Settings.from_environment(), load_lab().feeds)
    if as_json:
        print_json({"created": created})
    else:
        say(f"created: {', '.join(created) or 'none, all were there'}")
